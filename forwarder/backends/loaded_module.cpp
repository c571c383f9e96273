#include "forwarder/backends/loaded_module.hpp"

#include <dlfcn.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <utility>

namespace pifleet::forwarder {

namespace {

std::string own_folder() {
    std::array<char, PATH_MAX> path{};
    const auto size = ::readlink("/proc/self/exe", path.data(), path.size());
    const std::string text(path.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    return text.substr(0, text.rfind('/'));
}

}  // namespace

Result<void*> load_module(const std::string& file, const char* function) {
    for (const auto& folder : {own_folder(), std::string("/usr/lib/pifleet")}) {
        const auto path = folder + '/' + file;
        if (::access(path.c_str(), F_OK) != 0) continue;
        void* const library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (library == nullptr) return failure("cannot load a module: " + std::string(::dlerror()));
        void* const found = ::dlsym(library, function);
        if (found == nullptr) return failure(path + " is no module of this program");
        return found;
    }
    return failure("this backend needs " + file + ", beside the program or in /usr/lib/pifleet");
}

boost::asio::awaitable<std::optional<Verdict>> run_attempt(
    std::function<void(std::chrono::milliseconds)> work,
    const AttemptLimits& limits,
    std::chrono::milliseconds grace,
    const BlockingThreads& thread) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(limits.deadline -
                                                                            std::chrono::steady_clock::now());
    std::function<void()> timed = [work = std::move(work), left] { work(left); };
    const auto until = limits.deadline + grace;
    const auto ended = co_await run_blocking(std::move(timed), until, &thread);
    if (!ended) co_return Verdict{Verdict::Kind::retry, ended.error().message};
    if (!*ended) co_return Verdict{Verdict::Kind::retry, "no answer in time"};
    co_return std::nullopt;
}

}  // namespace pifleet::forwarder
