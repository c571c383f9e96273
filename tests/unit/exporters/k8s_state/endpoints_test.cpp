// Endpoints, endpoint slices and services as the captures do not have them.
#include "tests/catch.hpp"
#include "tests/unit/exporters/k8s_state/captures.hpp"

using namespace pifleet::k8s;

namespace {

Strings of(std::string_view kind, std::string_view family, const std::string& members) {
    return lines_of(
        kind, family, "{'metadata': {'namespace': 'media', 'name': 's', 'uid': 'u'}, " + members + "}");
}

}  // namespace

TEST_CASE("k8s endpoints: each address with each port of its subset") {
    const std::string subsets =
        "'subsets': [{'addresses': [{'ip': '10.0.0.1'}], 'notReadyAddresses': [{'ip': '10.0.0.2'}], 'ports': "
        "[{'name': 'http', 'port': 80, 'protocol': 'TCP'}, {'port': 53, 'protocol': 'UDP'}]}, {'addresses': "
        "[{'ip': '10.0.0.3'}]}]";
    CHECK(of("endpoints", "kube_endpoint_address", subsets) ==
          Strings{R"(port_protocol="TCP",port_number="80",port_name="http",ip="10.0.0.1",ready="true"} 1)",
                  R"(port_protocol="TCP",port_number="80",port_name="http",ip="10.0.0.2",ready="false"} 1)",
                  R"(port_protocol="UDP",port_number="53",port_name="",ip="10.0.0.1",ready="true"} 1)",
                  R"(port_protocol="UDP",port_number="53",port_name="",ip="10.0.0.2",ready="false"} 1)"});
    CHECK(of("endpoints", "kube_endpoint_ports", subsets) ==
          Strings{R"(port_name="http",port_protocol="TCP",port_number="80"} 1)",
                  R"(port_name="",port_protocol="UDP",port_number="53"} 1)"});
}

TEST_CASE("k8s endpoint slices: an endpoint's addresses, and what is not told stays empty") {
    const std::string slice =
        "'addressType': 'IPv6', 'endpoints': [{'addresses': ['fd42::1', 'fd42::2'], 'conditions': {'ready': "
        "true, "
        "'serving': false}, 'hostname': 'h', 'nodeName': 'pi-1', 'zone': 'z', 'targetRef': {'kind': 'Pod', "
        "'name': 'p', 'namespace': 'media'}, 'hints': {'forZones': [{'name': 'a'}, {'name': 'b'}]}}, "
        "{'addresses': [], 'hints': {'forZones': [{'name': 'c'}]}}], 'ports': [{'port': 80}, {'name': "
        "'any'}]";
    const std::string first =
        R"(ready="true",serving="false",hostname="h",terminating="",targetref_kind="Pod",)"
        R"(targetref_name="p",targetref_namespace="media",endpoint_nodename="pi-1",)"
        R"(endpoint_zone="z",address=")";
    CHECK(of("endpointslices", "kube_endpointslice_endpoints", slice) ==
          Strings{first + R"(fd42::1"} 1)", first + R"(fd42::2"} 1)"});
    CHECK(of("endpointslices", "kube_endpointslice_endpoints_hints", slice) ==
          Strings{R"(address="fd42::1",for_zone="a"} 1)", R"(address="fd42::1",for_zone="b"} 1)"});
    CHECK(of("endpointslices", "kube_endpointslice_ports", slice) ==
          Strings{R"(port_name="",port_protocol="",port_number="80"} 1)",
                  R"(port_name="any",port_protocol="",port_number=""} 1)"});
    CHECK(of("endpointslices", "kube_endpointslice_info", slice) == Strings{R"(addresstype="IPv6"} 1)"});
}

TEST_CASE("k8s services: addresses within and outside") {
    const std::string service =
        "'spec': {'clusterIP': '10.43.0.9', 'externalName': 'nas.lan', 'loadBalancerIP': '192.168.1.9', "
        "'externalTrafficPolicy': 'Local', 'type': 'LoadBalancer', 'externalIPs': ['1.2.3.4', 7, "
        "'1.2.3.5']}, "
        "'status': {'loadBalancer': {'ingress': [{'ip': '192.168.1.9'}, {'hostname': 'lb.lan'}]}}";
    CHECK(of("services", "kube_service_info", service) ==
          Strings{R"(cluster_ip="10.43.0.9",external_name="nas.lan",load_balancer_ip="192.168.1.9",)"
                  R"(external_traffic_policy="Local"} 1)"});
    CHECK(of("services", "kube_service_spec_type", service) == Strings{R"(type="LoadBalancer"} 1)"});
    CHECK(of("services", "kube_service_spec_external_ip", service) ==
          Strings{R"(external_ip="1.2.3.4"} 1)", R"(external_ip="1.2.3.5"} 1)"});
    CHECK(of("services", "kube_service_status_load_balancer_ingress", service) ==
          Strings{R"(ip="192.168.1.9",hostname=""} 1)", R"(ip="",hostname="lb.lan"} 1)"});
}
