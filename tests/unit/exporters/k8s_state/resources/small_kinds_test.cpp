// Objects made by hand, beside those of the captures: what is missing, what is empty, what comes twice.
#include "tests/unit/exporters/k8s_state/lines_of.hpp"

using namespace pifleet::k8s;

TEST_CASE("k8s small kinds: a signing request counts conditions by type and tells its signer everywhere") {
    RenderOptions options;
    options.labels = LabelAllowList({"team"});
    CHECK(
        lines_of("certificatesigningrequests",
                 R"({"metadata":{"name":"a","creationTimestamp":"1970-01-01T00:01:00Z","labels":{"team":"x"}},
                       "spec":{"signerName":"s"},
                       "status":{"certificate":"AAECAw==","conditions":[{"type":"Approved"},{"type":"Approved"},
                                 {"type":"Failed"},{"type":"Other"},7,null]}})",
                 options) ==
        "kube_certificatesigningrequest_labels{certificatesigningrequest=\"a\",signer_name=\"s\",label_team="
        "\"x\"} 1\n"
        "kube_certificatesigningrequest_created{certificatesigningrequest=\"a\",signer_name=\"s\"} 60\n"
        "kube_certificatesigningrequest_condition{certificatesigningrequest=\"a\",signer_name=\"s\","
        "condition="
        "\"approved\"} 2\n"
        "kube_certificatesigningrequest_condition{certificatesigningrequest=\"a\",signer_name=\"s\","
        "condition="
        "\"denied\"} 0\n"
        "kube_certificatesigningrequest_condition{certificatesigningrequest=\"a\",signer_name=\"s\","
        "condition="
        "\"failed\"} 1\n"
        "kube_certificatesigningrequest_cert_length{certificatesigningrequest=\"a\",signer_name=\"s\"} 4\n");
}

TEST_CASE("k8s small kinds: a certificate that is no base64 has no length") {
    CHECK(lines_of("certificatesigningrequests", R"({"metadata":{"name":"a"},"status":{"certificate":"%"}})")
              .find("cert_length") == std::string::npos);
}

TEST_CASE("k8s small kinds: bindings name their role, or nothing") {
    CHECK(lines_of("rolebindings",
                   R"({"metadata":{"name":"b","namespace":"n"},"roleRef":{"kind":"Role","name":"r"}})") ==
          "kube_rolebinding_info{namespace=\"n\",rolebinding=\"b\",roleref_kind=\"Role\",roleref_name=\"r\"} "
          "1\n");
    CHECK(lines_of("clusterrolebindings", R"({"metadata":{"name":"b","resourceVersion":"17"}})") ==
          "kube_clusterrolebinding_info{clusterrolebinding=\"b\",roleref_kind=\"\",roleref_name=\"\"} 1\n"
          "kube_clusterrolebinding_metadata_resource_version{clusterrolebinding=\"b\"} 17\n");
}

TEST_CASE("k8s small kinds: the annotation of an ingress goes before the member") {
    const std::string head = "kube_ingress_info{namespace=\"n\",ingress=\"i\",ingressclass=";
    CHECK(lines_of(
              "ingresses",
              R"({"metadata":{"name":"i","namespace":"n","annotations":{"kubernetes.io/ingress.class":"old"}},
                       "spec":{"ingressClassName":"new"}})") == head + "\"old\"} 1\n");
    CHECK(lines_of("ingresses",
                   R"({"metadata":{"name":"i","namespace":"n"},"spec":{"ingressClassName":"new"}})") ==
          head + "\"new\"} 1\n");
    CHECK(lines_of("ingresses", R"({"metadata":{"name":"i","namespace":"n"},"spec":{}})") ==
          head + "\"_default\"} 1\n");
}

TEST_CASE("k8s small kinds: paths of an ingress lead to a service or to a resource") {
    const auto text =
        lines_of("ingresses",
                 R"({"metadata":{"name":"i","namespace":"n"},"spec":{"rules":[{"host":"h","http":{"paths":[
                       {"path":"/","pathType":"Exact","backend":{"service":{"name":"s","port":{"number":80}}}},
                       {"path":"/b","pathType":"Prefix","backend":{"service":{"name":"s","port":{"name":"web"}}}},
                       {"path":"/c","pathType":"Prefix","backend":{"resource":{"kind":"K","name":"r"}}},
                       {"path":"/d","pathType":"Prefix"}]}}],
                       "tls":[{"hosts":["h","g"],"secretName":"t"},{"secretName":"unused"}]}})");
    const std::string head = "kube_ingress_path{namespace=\"n\",ingress=\"i\",host=\"h\",path=";
    CHECK(
        text ==
        "kube_ingress_info{namespace=\"n\",ingress=\"i\",ingressclass=\"_default\"} 1\n" + head +
            "\"/\",path_type=\"Exact\",service_name=\"s\",service_port=\"80\"} 1\n" + head +
            "\"/b\",path_type=\"Prefix\",service_name=\"s\",service_port=\"0\"} 1\n" + head +
            "\"/c\",path_type=\"Prefix\",resource_api_group=\"\",resource_kind=\"K\",resource_name=\"r\"} 1\n"
            "kube_ingress_tls{namespace=\"n\",ingress=\"i\",tls_host=\"h\",secret=\"t\"} 1\n"
            "kube_ingress_tls{namespace=\"n\",ingress=\"i\",tls_host=\"g\",secret=\"t\"} 1\n");
}

TEST_CASE("k8s small kinds: a lease has a line for every owner") {
    CHECK(lines_of("leases",
                   R"({"metadata":{"name":"l","namespace":"n","ownerReferences":[{"kind":"A","name":"a"},
                       {"kind":"B","name":"b"}]},"spec":{"holderIdentity":"me","renewTime":"1970-01-01T00:00:09.9Z"}})") ==
          "kube_lease_owner{lease=\"l\",owner_kind=\"A\",owner_name=\"a\",namespace=\"n\",lease_holder="
          "\"me\"} 1\n"
          "kube_lease_owner{lease=\"l\",owner_kind=\"B\",owner_name=\"b\",namespace=\"n\",lease_holder="
          "\"me\"} 1\n"
          "kube_lease_renew_time{lease=\"l\",namespace=\"n\"} 9\n");
}

TEST_CASE("k8s small kinds: amounts that are none are left out") {
    CHECK(
        lines_of(
            "limitranges",
            R"({"metadata":{"name":"l","namespace":"n"},"spec":{"limits":[{"type":"Pod","min":{"cpu":"250m"},
                       "max":{"cpu":"much","memory":"1Ki"}}]}})") ==
        "kube_limitrange{namespace=\"n\",limitrange=\"l\",resource=\"cpu\",type=\"Pod\",constraint=\"min\"} "
        "0.25\n"
        "kube_limitrange{namespace=\"n\",limitrange=\"l\",resource=\"memory\",type=\"Pod\",constraint="
        "\"max\"} 1024\n");
    CHECK(
        lines_of(
            "resourcequotas",
            R"({"metadata":{"name":"q","namespace":"n"},"status":{"used":{"pods":"3"},"hard":{"pods":10}}})") ==
        "kube_resourcequota{namespace=\"n\",resourcequota=\"q\",resource=\"pods\",type=\"hard\"} 10\n"
        "kube_resourcequota{namespace=\"n\",resourcequota=\"q\",resource=\"pods\",type=\"used\"} 3\n");
}

TEST_CASE("k8s small kinds: policies and their bindings, empty where unset") {
    CHECK(lines_of("mutatingadmissionpolicies",
                   R"({"metadata":{"name":"p"},"spec":{"failurePolicy":"Fail","reinvocationPolicy":"IfNeeded",
                       "paramKind":{"apiVersion":"v1","kind":"ConfigMap"}}})") ==
          "kube_mutatingadmissionpolicy_info{namespace=\"\",mutatingadmissionpolicy=\"p\",param_api_version="
          "\"v1\","
          "param_kind=\"ConfigMap\",failure_policy=\"Fail\",reinvocation_policy=\"IfNeeded\"} 1\n");
    CHECK(lines_of("validatingadmissionpolicies", R"({"metadata":{"name":"p"}})") ==
          "kube_validatingadmissionpolicy_info{namespace=\"\",validatingadmissionpolicy=\"p\",param_api_"
          "version=\"\","
          "param_kind=\"\",failure_policy=\"\"} 1\n");
    CHECK(
        lines_of(
            "validatingadmissionpolicybindings",
            R"({"metadata":{"name":"b"},"spec":{"policyName":"p","validationActions":["Deny","Audit"]}})") ==
        "kube_validatingadmissionpolicybinding_info{namespace=\"\",validatingadmissionpolicybinding=\"b\","
        "policy_name=\"p\",param_name=\"\",param_namespace=\"\",param_not_found_action=\"\"} 1\n"
        "kube_validatingadmissionpolicybinding_validation_action{namespace=\"\","
        "validatingadmissionpolicybinding=\"b\",action=\"Deny\"} 1\n"
        "kube_validatingadmissionpolicybinding_validation_action{namespace=\"\","
        "validatingadmissionpolicybinding=\"b\",action=\"Audit\"} 1\n");
}

TEST_CASE("k8s small kinds: a namespace is told by its name, in one phase of two") {
    CHECK(lines_of("namespaces", R"({"metadata":{"name":"n"},"status":{"phase":"Terminating","conditions":[
                       {"type":"C","status":"Unknown"}]}})") ==
          "kube_namespace_status_phase{namespace=\"n\",phase=\"Active\"} 0\n"
          "kube_namespace_status_phase{namespace=\"n\",phase=\"Terminating\"} 1\n"
          "kube_namespace_status_condition{namespace=\"n\",condition=\"C\",status=\"true\"} 0\n"
          "kube_namespace_status_condition{namespace=\"n\",condition=\"C\",status=\"false\"} 0\n"
          "kube_namespace_status_condition{namespace=\"n\",condition=\"C\",status=\"unknown\"} 1\n");
}

TEST_CASE("k8s small kinds: numbers that the API leaves out of a budget are 0") {
    CHECK(
        lines_of("poddisruptionbudgets",
                 R"({"metadata":{"name":"b","namespace":"n"},"status":{"desiredHealthy":2}})") ==
        "kube_poddisruptionbudget_status_current_healthy{namespace=\"n\",poddisruptionbudget=\"b\"} 0\n"
        "kube_poddisruptionbudget_status_desired_healthy{namespace=\"n\",poddisruptionbudget=\"b\"} 2\n"
        "kube_poddisruptionbudget_status_pod_disruptions_allowed{namespace=\"n\",poddisruptionbudget=\"b\"} "
        "0\n"
        "kube_poddisruptionbudget_status_expected_pods{namespace=\"n\",poddisruptionbudget=\"b\"} 0\n"
        "kube_poddisruptionbudget_status_observed_generation{namespace=\"n\",poddisruptionbudget=\"b\"} 0\n");
}

TEST_CASE("k8s small kinds: a secret's type is in the table's second cell, and its values nowhere") {
    const std::string owner = "owner_kind=\"\",owner_name=\"\",owner_is_controller=\"\"";
    CHECK(lines_of("secrets",
                   R"({"cells":["s","Opaque",3,"5m"],"object":{"metadata":{"name":"s","namespace":"n"}}})") ==
          "kube_secret_info{namespace=\"n\",secret=\"s\"} 1\n"
          "kube_secret_type{namespace=\"n\",secret=\"s\",type=\"Opaque\"} 1\n"
          "kube_secret_owner{namespace=\"n\",secret=\"s\"," +
              owner + "} 1\n");
    CHECK(lines_of("secrets", R"({"cells":["s"],"object":{"metadata":{"name":"s","namespace":"n"}}})") ==
          "kube_secret_info{namespace=\"n\",secret=\"s\"} 1\n"
          "kube_secret_owner{namespace=\"n\",secret=\"s\"," +
              owner + "} 1\n");
    CHECK(find_kind("secrets")->form == Form::table);
}

TEST_CASE("k8s small kinds: a service account's token is mounted, not mounted, or unsaid") {
    for (const auto& [member, text] :
         {std::pair("true", "true"), {"false", "false"}, {"null", ""}, {"1", ""}})
        CHECK(
            lines_of("serviceaccounts",
                     R"({"metadata":{"name":"a","namespace":"n","uid":"u"},"automountServiceAccountToken":)" +
                         std::string(member) + "}") ==
            "kube_serviceaccount_info{namespace=\"n\",serviceaccount=\"a\",uid=\"u\",automount_token=\"" +
                std::string(text) + "\"} 1\n");
}

TEST_CASE("k8s small kinds: presets of a storage class") {
    CHECK(lines_of("storageclasses", R"({"metadata":{"name":"s"},"provisioner":"p"})") ==
          "kube_storageclass_info{storageclass=\"s\",provisioner=\"p\",reclaim_policy=\"Delete\","
          "volume_binding_mode=\"Immediate\"} 1\n");
}

TEST_CASE("k8s small kinds: a volume attachment shows only labels that may be shown") {
    const std::string object =
        R"({"metadata":{"name":"a","labels":{"x":"1","y":"2"}},"spec":{"attacher":"d","nodeName":"n","source":{}},
            "status":{"attachmentMetadata":{"devicePath":"/dev/sda"}}})";
    const std::string rest =
        "kube_volumeattachment_info{volumeattachment=\"a\",attacher=\"d\",node=\"n\"} 1\n"
        "kube_volumeattachment_status_attached{volumeattachment=\"a\"} 0\n"
        "kube_volumeattachment_status_attachment_metadata{volumeattachment=\"a\",metadata_device_path=\"/dev/"
        "sda\"} 1\n";
    CHECK(lines_of("volumeattachments", object) == rest);
    RenderOptions options;
    options.labels = LabelAllowList({"y"});
    CHECK(lines_of("volumeattachments", object, options) ==
          "kube_volumeattachment_labels{volumeattachment=\"a\",label_y=\"2\"} 1\n" + rest);
}

TEST_CASE("k8s small kinds: webhooks by service and by URL") {
    const std::string head =
        "kube_mutatingwebhookconfiguration_webhook_clientconfig_service{namespace=\"\","
        "mutatingwebhookconfiguration="
        "\"c\",webhook_name=";
    CHECK(lines_of("mutatingwebhookconfigurations",
                   R"({"metadata":{"name":"c"},"webhooks":[{"name":"a","clientConfig":{"service":{"name":"s",
                       "namespace":"n"}}},{"name":"b","clientConfig":{"url":"https://u"}}]})") ==
          "kube_mutatingwebhookconfiguration_info{namespace=\"\",mutatingwebhookconfiguration=\"c\"} 1\n" +
              head + "\"a\",service_name=\"s\",service_namespace=\"n\"} 1\n" + head +
              "\"b\",service_name=\"\",service_namespace=\"\"} 1\n");
}
