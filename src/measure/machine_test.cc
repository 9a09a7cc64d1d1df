#include "pixmill/measure/machine.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "measure/machine_facts.h"
#include "pixmill/platform/cores.h"
#include "support/testing.h"

namespace pixmill::measure {
namespace {

using pixmill::testing::TemporaryFolder;
using pixmill::testing::write_file;

TEST(MachineFacts, OfAnX86Server) {
  const TemporaryFolder root;
  write_file(root / "proc/cpuinfo",
             "processor\t: 0\nmodel name\t: AMD EPYC 9354 32-Core Processor\n"
             "flags\t\t: fpu avx2 avx512f avx512_vnni avx_vnni avx512_bf16 amx_int8\n\nprocessor\t: 1\n");
  write_file(root / "proc/meminfo", "MemTotal:       16384 kB\nMemFree: 1 kB\nMemAvailable:    8192 kB\n");
  for (const char* cpu : {"cpu0", "cpu1", "cpu2", "cpu3"}) {
    const bool first = cpu[3] < '2';
    write_file(root / (std::string("sys/devices/system/cpu/") + cpu + "/topology/thread_siblings_list"),
               first ? "0-1" : "2-3");
  }
  EXPECT_EQ(processor_name(root.path()), "AMD EPYC 9354 32-Core Processor");
  EXPECT_EQ(processor_features(root.path()), (std::vector<std::string>{"AVX2", "AVX-512", "VNNI", "BF16", "AMX int8"}));
  EXPECT_EQ(physical_cores(root.path()), 2);
  EXPECT_EQ(memory_of(root.path()).total_bytes, 16384 * 1024);
  EXPECT_EQ(memory_of(root.path()).available_bytes, 8192 * 1024);
}

TEST(MachineFacts, OfAnArmBoard) {
  const TemporaryFolder root;
  write_file(root / "proc/cpuinfo", "processor : 0\nFeatures : fp asimd asimddp\n");
  EXPECT_EQ(processor_name(root.path()), "CPU");
  EXPECT_EQ(processor_features(root.path()), (std::vector<std::string>{"NEON", "dot product"}));
}

TEST(MachineFacts, MemoryOfAContainer) {
  const TemporaryFolder root;
  write_file(root / "proc/meminfo", "MemTotal: 16384 kB\n");
  write_file(root / "proc/self/cgroup", "0::/\n");
  write_file(root / "sys/fs/cgroup/memory.max", "4096000\n");
  EXPECT_EQ(memory_of(root.path()).limit_bytes, 4096000);
  EXPECT_EQ(memory_of(root.path()).usable_bytes(), 4096000);
  write_file(root / "sys/fs/cgroup/memory.max", "9223372036854771712\n");  // version 1 says "none" so
  EXPECT_EQ(memory_of(root.path()).limit_bytes, 0);
}

TEST(MachineFacts, Gpus) {
  const TemporaryFolder root;
  EXPECT_TRUE(gpus_of(root.path()).empty());
  write_file(root / "sys/class/drm/card0/device/vendor", "0x8086\n");
  write_file(root / "sys/class/drm/card0/device/device", "0x56a0\n");
  write_file(root / "sys/class/drm/card0-HDMI-A-1/device/vendor", "0x8086\n");
  write_file(root / "sys/class/drm/card1/device/vendor", "0x10de\n");
  write_file(root / "proc/driver/nvidia/gpus/0000:01:00.0/information", "Model: \t NVIDIA H200\nIRQ: 5\n");
  EXPECT_EQ(gpus_of(root.path()), (std::vector<std::string>{"NVIDIA H200", "Intel GPU (device 0x56a0)"}));
}

TEST(MachineFacts, SystemAndContainer) {
  const TemporaryFolder root;
  EXPECT_EQ(container_around(root.path()), "");
  write_file(root / ".dockerenv", "");
  EXPECT_EQ(container_around(root.path()), "docker");
  write_file(root / "etc/os-release", "NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
  EXPECT_EQ(operating_system(root.path()), "Debian GNU/Linux 12 (bookworm)");
}

TEST(Folders, ThatAreThereThatAreNotAndThatCannotBe) {
  const TemporaryFolder root;
  const Folder missing = inspect_folder("cache", root / "a/b/c");
  EXPECT_EQ(missing.obstacle, "");
  EXPECT_GT(missing.free_bytes, 0);
  EXPECT_TRUE(std::filesystem::is_empty(root.path())) << "nothing may be left behind";
  write_file(root / "file", "");
  EXPECT_SAYS(inspect_folder("cache", root / "file/below").obstacle, "is not a folder");
  EXPECT_NE(inspect_folder("cache", "/proc/x").obstacle, "");
}

TEST(Machine, ThisOne) {
  const TemporaryFolder home;
  const Machine machine =
      describe_machine({home / "s", home / "m", home / "state", home / "cache", home / "data"}, home / "out");
  EXPECT_GE(machine.processor.logical_cores, machine.processor.physical_cores);
  EXPECT_GE(machine.processor.usable_cores, 1);
  EXPECT_GT(machine.memory.total_bytes, 0);
  EXPECT_NE(machine.libvips_version.find('.'), std::string::npos);
  EXPECT_FALSE(machine.backends.empty());
  ASSERT_EQ(machine.folders.size(), 3U);
  EXPECT_EQ(machine.folders[2].purpose, "output");
}

}  // namespace
}  // namespace pixmill::measure
