// Persistent volumes and their claims as the captures do not have them.
#include "common/base/text.hpp"
#include "tests/catch.hpp"
#include "tests/unit/exporters/k8s_state/captures.hpp"

using namespace pifleet;
using namespace pifleet::k8s;

namespace {

Strings volume(std::string_view family, const std::string& members) {
    return lines_of("persistentvolumes",
                    "kube_persistentvolume_" + std::string(family),
                    "{'metadata': {'name': 'pv'}, " + members + "}");
}

Strings claim(std::string_view family, const std::string& members, const std::string& metadata = "") {
    return lines_of("persistentvolumeclaims",
                    "kube_persistentvolumeclaim_" + std::string(family),
                    "{'metadata': {'namespace': 'media', 'name': 'c'" + metadata + "}, " + members + "}");
}

// The labels of kube_persistentvolume_info that are not empty.
std::string told(const std::string& source) {
    std::string out;
    const auto lines = volume("info", "'spec': {" + source + "}");
    REQUIRE(lines.size() == 1);
    std::string_view rest = lines[0];
    for (std::size_t end = rest.find('"'); end != rest.npos; end = rest.find('"')) {
        const auto close = rest.find('"', end + 1);
        if (close > end + 1) out += std::string(rest.substr(0, close + 1)) + ' ';
        rest.remove_prefix(std::min(close + 2, rest.size()));
    }
    return out;
}

}  // namespace

TEST_CASE("k8s volumes: where each kind of volume lies") {
    CHECK(told("") == "");
    CHECK(told("'gcePersistentDisk': {'pdName': 'g'}") == R"(gce_persistent_disk_name="g" )");
    CHECK(told("'awsElasticBlockStore': {'volumeID': 'v'}") == R"(ebs_volume_id="v" )");
    CHECK(told("'azureDisk': {'diskName': 'd'}") == R"(azure_disk_name="d" )");
    CHECK(told("'fc': {'wwids': ['a', 'b'], 'lun': 0, 'targetWWNs': ['c', 'd']}") ==
          R"(fc_wwids="a,b" fc_lun="0" fc_target_wwns="c,d" )");
    CHECK(told("'fc': {'targetWWNs': ['c']}") == R"(fc_target_wwns="c" )");
    CHECK(told("'iscsi': {'targetPortal': 'nas:3260', 'iqn': 'iqn.x', 'lun': 3, 'initiatorName': 'i'}") ==
          R"(iscsi_target_portal="nas:3260" iscsi_iqn="iqn.x" iscsi_lun="3" iscsi_initiator_name="i" )");
    CHECK(told("'nfs': {'server': 'nas', 'path': '/films'}") == R"(nfs_server="nas" nfs_path="/films" )");
    CHECK(told("'csi': {'driver': 'driver.longhorn.io', 'volumeHandle': 'h'}") ==
          R"(csi_driver="driver.longhorn.io" csi_volume_handle="h" )");
    CHECK(told("'local': {'path': '/mnt', 'fsType': 'ext4'}, 'storageClassName': 'fast'") ==
          R"(storageclass="fast" local_path="/mnt" local_fs="ext4" )");
    CHECK(
        told("'hostPath': {'path': '/x', 'type': 'Directory'}, 'persistentVolumeReclaimPolicy': 'Retain'") ==
        R"(host_path="/x" host_path_type="Directory" reclaim_policy="Retain" )");
}

TEST_CASE("k8s volumes: size, phase, mode, claim") {
    CHECK(volume("capacity_bytes", "'spec': {'capacity': {'storage': '1.5Ki'}}") == Strings{"1536"});
    CHECK(volume("capacity_bytes", "'spec': {'capacity': {'storage': '100m'}}") == Strings{"1"});
    CHECK(volume("capacity_bytes", "'spec': {}") == Strings{"0"});
    CHECK(volume("status_phase", "'status': {'phase': 'Released'}").at(3) == R"(phase="Released"} 1)");
    CHECK(volume("status_phase", "'status': {}").empty());
    CHECK(volume("volume_mode", "'spec': {}") == Strings{R"(volumemode="Filesystem"} 1)"});
    CHECK(volume("volume_mode", "'spec': {'volumeMode': 'Block'}") == Strings{R"(volumemode="Block"} 1)"});
    CHECK(volume("claim_ref", "'spec': {'claimRef': {'name': 'c', 'namespace': 'media'}}") ==
          Strings{R"(name="c",claim_namespace="media"} 1)"});
    CHECK(volume("claim_ref", "'spec': {}").empty());
    CHECK(volume("csi_attributes",
                 "'spec': {'csi': {'volumeAttributes': {'mounter': 'rbd', 'mapOptions': 'ro'}}}") ==
          Strings{R"(csi_mounter="rbd",csi_map_options="ro"} 1)"});
    CHECK(volume("csi_attributes", "'spec': {'csi': {}}") ==
          Strings{R"(csi_mounter="",csi_map_options=""} 1)"});
    CHECK(volume("csi_attributes", "'spec': {'nfs': {}}").empty());
}

TEST_CASE("k8s claims: the annotation of old goes before the storage class") {
    const std::string spec =
        "'spec': {'storageClassName': 'fast', 'volumeName': 'pv', 'volumeMode': 'Block', 'accessModes': "
        "['ReadWriteOnce', 'ReadOnlyMany'], 'resources': {'requests': {'storage': '1Gi'}}}";
    CHECK(claim("info", spec) == Strings{R"(storageclass="fast",volumename="pv",volumemode="Block"} 1)"});
    CHECK(claim("info", spec, ", 'annotations': {'volume.beta.kubernetes.io/storage-class': 'old'}") ==
          Strings{R"(storageclass="old",volumename="pv",volumemode="Block"} 1)"});
    CHECK(claim("info", "'spec': {}") == Strings{R"(storageclass="",volumename="",volumemode=""} 1)"});
    CHECK(claim("access_mode", spec) ==
          Strings{R"(access_mode="ReadWriteOnce"} 1)", R"(access_mode="ReadOnlyMany"} 1)"});
    CHECK(claim("resource_requests_storage_bytes", spec) == Strings{"1073741824"});
    CHECK(claim("resource_requests_storage_bytes", "'spec': {}").empty());
}

TEST_CASE("k8s claims: phase and conditions") {
    CHECK(claim("status_phase", "'status': {'phase': 'Bound'}") ==
          Strings{R"(phase="Lost"} 0)", R"(phase="Bound"} 1)", R"(phase="Pending"} 0)"});
    CHECK(claim("status_condition", "'status': {'conditions': [{'type': 'Resizing', 'status': 'True'}]}") ==
          Strings{R"(condition="Resizing",status="true"} 1)",
                  R"(condition="Resizing",status="false"} 0)",
                  R"(condition="Resizing",status="unknown"} 0)"});
}
