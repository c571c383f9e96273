#include "exporters/k8s_state/renderer.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <utility>

namespace pifleet::k8s {

namespace {

constexpr std::size_t kept_bytes = 64 * 1024;  // an object of the usual size needs no allocation
constexpr std::size_t deepest = 64;            // an honest object has some fifteen levels

}  // namespace

struct Renderer::Document {
    std::unique_ptr<unsigned char[]> room = std::make_unique_for_overwrite<unsigned char[]>(kept_bytes);
    std::optional<boost::json::monotonic_resource> resource;
    boost::json::parser parser{{}, {.max_depth = deepest}};
    std::optional<boost::json::value> value;
    Object object{};

    const boost::json::value* parse(std::string_view json) {
        value.reset();
        parser.reset();  // before the resource goes: it may hold half a document
        resource.emplace(room.get(), kept_bytes);
        parser.reset(&*resource);
        boost::system::error_code error;
        parser.write(json.data(), json.size(), error);
        if (error) return nullptr;
        return &value.emplace(parser.release());  // moved: it stays in the resource
    }
};

Renderer::Renderer(const ResourceKind& kind, RenderOptions options)
    : kind_(kind), options_(std::move(options)), document_(std::make_unique<Document>()) {}
Renderer::~Renderer() = default;

Result<ObjectName> Renderer::read(std::string_view json) {
    const auto* value = document_->parse(json);
    if (value == nullptr) return failure("an object of " + std::string(kind_.name) + " is no JSON");
    auto& object = document_->object;
    object.root = Json(*value);
    object.metadata = kind_.form == Form::table ? object.root["object"]["metadata"] : object.root["metadata"];
    object.spec = object.root["spec"];
    object.status = object.root["status"];
    object.ns = object.metadata["namespace"].text();
    object.name = object.metadata["name"].text();
    object.uid = object.metadata["uid"].text();
    object.labels = &options_.labels;
    object.annotations = &options_.annotations;
    if (object.name.empty()) return failure("an object of " + std::string(kind_.name) + " has no name");
    return ObjectName{std::string(object.ns), std::string(object.name), std::string(object.uid)};
}

void Renderer::forget() {
    document_ = std::make_unique<Document>();
    rendered_ = Rendered();
}

const Rendered& Renderer::render() {
    auto& object = document_->object;
    std::vector<metrics::Label> identity;
    for (const auto name : kind_.identity)
        identity.push_back({name,
                            kind_.identity.size() == 1 ? object.name
                            : name == "namespace"      ? object.ns
                            : name == "uid"            ? object.uid
                                                       : object.name});
    samples_.begin_object(identity);
    for (const auto* family : options_.families) {
        samples_.begin_family(family->name);
        object.family = family;
        family->render(object, samples_);
        samples_.end_family();
    }
    return rendered_;
}

}  // namespace pifleet::k8s
