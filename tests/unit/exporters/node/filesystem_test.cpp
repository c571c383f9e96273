#include "exporters/node/collectors/mount_prober.hpp"
#include "exporters/node/collectors/mounts.hpp"
#include "tests/catch.hpp"
#include "tests/unit/exporters/node/machine.hpp"

#include <atomic>
#include <cerrno>
#include <thread>

namespace pifleet::node::test {

namespace {

using namespace std::chrono_literals;
using State = node::Probe::State;

// Stands in for statfs(2): paths that begin with /hung do not come back before they are let go.
std::atomic<bool> let_go;
std::atomic<int> calls_of_hung;

int fake_statfs(const char* path, struct statfs* usage) {
    const std::string_view name = path;
    if (name.starts_with("/hung")) {
        ++calls_of_hung;
        while (!let_go) std::this_thread::sleep_for(1ms);
    }
    if (name == "/missing") return ENOENT;
    usage->f_blocks = 7;
    return 0;
}

struct Hanging {
    Hanging() {
        let_go = false;
        calls_of_hung = 0;
    }
    ~Hanging() { let_go = true; }
};

std::vector<State> states(const std::vector<node::Probe>& probes) {
    std::vector<State> all;
    for (const auto& probe : probes) all.push_back(probe.state);
    return all;
}

}  // namespace

TEST_CASE("mounts answer in the order in which they were asked") {
    MountProber prober(4, fake_statfs);
    const std::vector<std::string> paths = {"/", "/missing", "/home"};
    for (int round = 0; round < 3; ++round) {
        const auto probes = prober.ask(paths, 5s);
        CHECK(states(probes) == std::vector{State::answered, State::failed, State::answered});
        CHECK(probes[0].usage.f_blocks == 7);
        CHECK(probes[1].code == ENOENT);
    }
    CHECK(prober.ask({}, 5s).empty());
}

TEST_CASE("a mount that hangs costs its time limit once and the others nothing") {
    const Hanging hanging;
    MountProber prober(4, fake_statfs);
    const std::vector<std::string> paths = {"/hung", "/", "/home"};
    CHECK(states(prober.ask(paths, 100ms)) ==
          std::vector{State::no_answer, State::answered, State::answered});

    const auto begin = std::chrono::steady_clock::now();
    CHECK(states(prober.ask(paths, 10s)) == std::vector{State::no_answer, State::answered, State::answered});
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
    CHECK(calls_of_hung == 1);  // not asked again while its thread is parked on it

    let_go = true;
    auto after = prober.ask(paths, 5s);
    for (int i = 0; i < 500 && after[0].state == State::no_answer; ++i) {
        std::this_thread::sleep_for(1ms);
        after = prober.ask(paths, 5s);
    }
    CHECK(states(after) == std::vector{State::answered, State::answered, State::answered});
}

TEST_CASE("when every thread is parked the rest is not asked, at once") {
    const Hanging hanging;
    MountProber prober(2, fake_statfs);
    const std::vector<std::string> paths = {"/hung/1", "/hung/2", "/hung/3", "/"};
    const auto first = prober.ask(paths, 100ms);
    CHECK(states(first) ==
          std::vector{State::no_answer, State::no_answer, State::not_asked, State::not_asked});
    const auto begin = std::chrono::steady_clock::now();
    CHECK(states(prober.ask(paths, 10s)) == states(first));
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
    CHECK(calls_of_hung == 2);
}

TEST_CASE("a prober may go while a thread of it is parked") {
    const Hanging hanging;
    {
        MountProber prober(1, fake_statfs);
        CHECK(states(prober.ask(std::vector<std::string>{"/hung"}, 20ms)) == std::vector{State::no_answer});
    }
    let_go = true;
    std::this_thread::sleep_for(20ms);  // under the sanitizers the thread would show a use after free
}

TEST_CASE("mountinfo lines are taken apart") {
    const auto mounts = parse_mountinfo(
        "mountinfo",
        "36 35 98:0 /a /mnt/a\\040b\\011c\\134d\\012 rw,noatime master:1 shared:2 - ext3 /dev/root rw\n"
        "37 35 0:50 / /cd ro,relatime - tmpfs  rw,size=4k\n"
        "38 35 0:51 / /odd rw,errors=remount-ro - ext4 /dev/sd\\040a ro,x\n");
    REQUIRE(mounts.has_value());
    REQUIRE(mounts->size() == 3);
    CHECK((*mounts)[0].point == "/mnt/a b\tc\\d\n");
    CHECK((*mounts)[0].major == "98");
    CHECK_FALSE((*mounts)[0].read_only);
    CHECK((*mounts)[1].device.empty());
    CHECK((*mounts)[1].read_only);
    CHECK((*mounts)[2].device == "/dev/sd\\040a");
    CHECK((*mounts)[2].read_only);
    for (const auto* bad : {"\n",
                            "36 35 98:0 / /a rw - ext3 /dev/root\n",
                            "36 35 980 / /a rw - ext3 d rw\n",
                            "36 35 9x:0 / /a rw - ext3 d rw\n",
                            "36 35 98:0 / a rw - ext3 d rw\n",
                            "36 35 98:0 / /a rw shared:1 ext3 d rw x\n"}) {
        const auto refused = parse_mountinfo("mountinfo", bad);
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().message.find("mountinfo line 1") == 0);
    }
}

TEST_CASE("only local file systems under nothing but local ones answer from memory") {
    const auto mounts = parse_mountinfo("mountinfo",
                                        "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
                                        "2 1 8:2 / /boot rw - vfat /dev/sda2 rw\n"
                                        "3 1 0:40 / /nas rw - nfs4 nas:/ rw\n"
                                        "4 3 8:3 / /nas/disk rw - ext4 /dev/sdb1 rw\n"
                                        "5 1 8:4 / /nasty rw - tmpfs tmpfs rw\n"
                                        "6 1 8:5 / /two rw - fuse.sshfs far:/ rw\n"
                                        "7 6 8:6 / /two rw - ext4 /dev/sdc1 rw\n");
    REQUIRE(mounts.has_value());
    CHECK((*mounts)[6].id == "7");
    for (const auto* quick : {"/", "/boot", "/nasty"}) CHECK(answers_from_memory(*mounts, quick));
    for (const auto* slow : {"/nas", "/nas/disk", "/two"}) CHECK_FALSE(answers_from_memory(*mounts, slow));
    MountProber prober(1, fake_statfs);
    CHECK(prober.ask_here("/").usage.f_blocks == 7);
    CHECK(prober.ask_here("/missing").code == ENOENT);
}

TEST_CASE("mount points are shown as seen from the host's root") {
    CHECK(strip_root("/host/boot", "/host") == "/boot");
    CHECK(strip_root("/host", "/host") == "/");
    CHECK(strip_root("/hostile", "/host") == "/hostile");
    CHECK(strip_root("/boot", "/") == "/boot");
}

TEST_CASE("a mount on top of the same mount is shown once, bytes that are no UTF-8 are replaced") {
    Machine machine;
    machine.write("proc/self/mountinfo",
                  "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
                  "3 0 8:2 / /\xff rw - ext4 /dev/sdb1 rw\n");
    const auto collected =
        collect("filesystem", machine.host());  // process 1 has no mountinfo: our own is read
    CHECK(collected.result);
    CHECK(collected.page.count("node_filesystem_device_error") == 2);
    CHECK(collected.page.count("node_filesystem_mount_info{device=\"/dev/sda1\"") == 1);
    CHECK(
        collected.page.at("node_filesystem_device_error{device=\"/dev/sdb1\",device_error=\"no such file or "
                          "directory\",fstype=\"ext4\",mountpoint=\"/\xef\xbf\xbd\"}") == 1);
}

TEST_CASE("filesystem flags are checked") {
    CHECK(make_error("filesystem", {}).empty());
    CHECK(make_error("filesystem", {"--collector.filesystem.mount-timeout=500ms"}).empty());
    for (const auto* bad : {"--collector.filesystem.mount-timeout=5",
                            "--collector.filesystem.mount-timeout=0s",
                            "--collector.filesystem.stat-workers=many",
                            "--collector.filesystem.fs-types-exclude=["}) {
        INFO(bad);
        const std::string_view flag = bad;
        CHECK(make_error("filesystem", {bad}).starts_with(flag.substr(0, flag.find('='))));
    }
    CHECK_FALSE(make_error("filesystem",
                           {"--collector.filesystem.mount-points-include=^/$",
                            "--collector.filesystem.mount-points-exclude=^/boot"})
                    .empty());
}

}  // namespace pifleet::node::test
