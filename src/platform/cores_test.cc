#include "pixmill/platform/cores.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <fstream>

namespace pixmill::platform {
namespace {

namespace fs = std::filesystem;

class Cores : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(root_);
  }
  void TearDown() override { fs::remove_all(root_); }

  void write(const fs::path& path, const std::string& text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text << '\n';
  }

  fs::path root_;
};

TEST_F(Cores, NoGroupNoQuota) {
  EXPECT_FALSE(cgroup_quota(root_).has_value());
}

TEST_F(Cores, TheTightestGroupOfVersion2Counts) {
  write("proc/self/cgroup", "0::/user/job");
  write("sys/fs/cgroup/user/job/cpu.max", "max 100000");
  EXPECT_FALSE(cgroup_quota(root_).has_value());
  write("sys/fs/cgroup/user/cpu.max", "150000 100000");
  EXPECT_EQ(cgroup_quota(root_), 1.5);
  write("sys/fs/cgroup/cpu.max", "400000 100000");
  EXPECT_EQ(cgroup_quota(root_), 1.5);
}

TEST_F(Cores, Version1) {
  write("proc/self/cgroup", "5:memory:/job\n4:cpu,cpuacct:/job");
  write("sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "-1");
  write("sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "100000");
  EXPECT_FALSE(cgroup_quota(root_).has_value());
  write("sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "200000");
  EXPECT_EQ(cgroup_quota(root_), 2.0);
}

TEST_F(Cores, MemoryLimitOfBothVersions) {
  EXPECT_FALSE(cgroup_memory_limit(root_).has_value());
  write("proc/self/cgroup", "5:memory:/job\n0::/user");
  write("sys/fs/cgroup/user/memory.max", "max");
  EXPECT_FALSE(cgroup_memory_limit(root_).has_value());
  write("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "4096");
  EXPECT_EQ(cgroup_memory_limit(root_), 4096);
  write("sys/fs/cgroup/user/memory.max", "2048");
  EXPECT_EQ(cgroup_memory_limit(root_), 2048);
  write("sys/fs/cgroup/user/memory.high", "1024");
  EXPECT_EQ(cgroup_memory_limit(root_), 1024);
  write("proc/self/cgroup", "0::/user/session/job");
  EXPECT_EQ(cgroup_memory_limit(root_), 1024) << "a group above counts";
  write("sys/fs/cgroup/user/session/memory.max", "512");
  EXPECT_EQ(cgroup_memory_limit(root_), 512);
}

TEST_F(Cores, TheAffinityMaskIsHeeded) {
  cpu_set_t before;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  EXPECT_GE(usable_cores(), 1);
  EXPECT_LE(usable_cores(), CPU_COUNT(&before));
  int first = 0;
  while (!CPU_ISSET(first, &before)) ++first;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(first, &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  EXPECT_EQ(usable_cores(), 1);
  sched_setaffinity(0, sizeof before, &before);
}

}  // namespace
}  // namespace pixmill::platform
