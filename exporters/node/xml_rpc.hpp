// Answers of XML-RPC, as far as daemons use it: the XML without document types and name spaces, every value
// but structures and lists as text.
#pragma once

#include "common/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pifleet::node {

struct XmlRpcMember;

struct XmlRpcValue {
    enum class Kind { scalar, structure, list };
    Kind kind = Kind::scalar;
    std::string type;  // of a scalar: "int", "string", …; a value without a type is a string
    std::string text;
    std::vector<XmlRpcMember> members;
    std::vector<XmlRpcValue> items;

    const XmlRpcValue* member(std::string_view name) const;
};

struct XmlRpcMember {
    std::string name;
    XmlRpcValue value;
};

/// The value that a method gave. The fault that it gave instead is an error with its text, and so is what is
/// not an answer.
Result<XmlRpcValue> parse_xml_rpc_answer(std::string_view text);

}  // namespace pifleet::node
