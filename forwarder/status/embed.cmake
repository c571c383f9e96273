# Turns page.html into a C++ file: cmake -DINPUT=… -DOUTPUT=… -P embed.cmake
file(READ ${INPUT} text)
file(WRITE ${OUTPUT} "#include \"forwarder/status/page.hpp\"\n
namespace pifleet::forwarder::status {\n
std::string_view page_html() {
    static constexpr char html[] = R\"html(${text})html\";
    return {html, sizeof html - 1};
}\n
}  // namespace pifleet::forwarder::status\n")
