// A value or the reason why there is none. Errors travel as values inside the programs; exceptions are for
// start-up and bugs, with one catch in main.
#pragma once

#include <boost/system/result.hpp>

#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>

namespace pifleet {

struct Error {
    enum class Kind {
        failure,  // something went wrong and a person may want to know
        absent,   // what was asked for does not exist on this machine: nothing to complain about
    };
    Error() = default;  // result::error() of a good result gives one
    Error(Kind k, std::string m) : kind(k), message(std::move(m)) {}
    Kind kind = Kind::failure;
    std::string message;  // lower case, no full stop: "cannot open /proc/stat: No such file or directory"
};

// Not constructors from a text: Result<std::string> could not tell a value from an error.
inline Error failure(std::string message) {
    return {Error::Kind::failure, std::move(message)};
}
inline Error absent(std::string message) {
    return {Error::Kind::absent, std::move(message)};
}

// Lets boost::system::result throw when value() is called on an error: a bug, so it ends in main's catch.
[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
    throw std::runtime_error(error.message);
}

inline std::ostream& operator<<(std::ostream& out, const Error& error) {
    return out << error.message;
}

template <class T>
using Result = boost::system::result<T, Error>;

}  // namespace pifleet
