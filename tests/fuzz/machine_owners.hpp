// Which collectors read a file of a folder machine.
#pragma once

#include <span>
#include <string_view>

/// `path` begins with the machine's name: "pi4/proc/stat". Nothing for what no collector reads.
std::span<const std::string_view> owners_of(std::string_view path);
