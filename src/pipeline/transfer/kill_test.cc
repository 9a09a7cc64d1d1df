// kill -9 in the middle of ten thousand files.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pipeline/transfer/fixture.h"

namespace pixmill::pipeline {
namespace {

namespace fs = std::filesystem;
using pixmill::testing::TemporaryFolder;
using testing::write_file;

constexpr int kFiles = 10'000;

class Deadly : public FileLayer {
 public:
  explicit Deadly(int step) : left_(step) {}
  void rename(const fs::path& from, const fs::path& to, bool replace) override {
    FileLayer::rename(from, to, replace);
    if (--left_ == 0) ::kill(::getpid(), SIGKILL);
  }

 private:
  int left_;
};

class TransferKill : public ::testing::Test {
 protected:
  using Tree = std::map<std::string, std::pair<std::string, std::uint64_t>>;

  void SetUp() override {
#if defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "ThreadSanitizer allows no threads in a child of a program that had some";
#endif
    for (int i = 0; i < kFiles; ++i) {
      const std::string name = "part" + std::to_string(i / 1000) + "/" + std::to_string(i) + ".jpg";
      names_.push_back(name);
      write_file(in_ / name, "the bytes of " + name);
    }
    before_ = tree();
  }

  // Bytes and inode of all files that are there, by their paths below the inputs.
  Tree tree() const {
    Tree all;
    for (const std::string& name : names_) {
      if (const auto stamp = FileLayer::of_the_system().stamp(in_ / name))
        all[name] = {pixmill::testing::file_text(in_ / name), stamp->inode};
    }
    return all;
  }

  platform::Home home() const {
    return {{}, {}, folder_ / "state", {}, {}};
  }

  Transferred move(FileLayer& files = FileLayer::of_the_system()) {
    TransferSpec spec;
    spec.action = TransferAction::move;
    for (const std::string& name : names_) {
      if (fs::exists(in_ / name)) spec.files.push_back({in_ / name, name});
    }
    spec.roots = {in_};
    spec.target = out_;
    spec.asked = "a test";
    spec.home = home();
    Catalogue catalogue(catalogue_file(home()));
    return transfer_on(files, spec, catalogue, {}, stop_);
  }

  Undone take_back(FileLayer& files = FileLayer::of_the_system()) {
    return undo_on(files, {{}, false, home()}, {}, stop_);
  }

  // `work` in a process of its own, which dies at its `step`-th rename.
  template <typename Work>
  void kill_at(int step, const Work& work) {
    const pid_t child = ::fork();
    if (child == 0) {
      Deadly files(step);
      work(files);
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status)) << "it ended before";
  }

  testing::InMemory in_memory_;
  TemporaryFolder folder_;
  fs::path in_ = folder_ / "in", out_ = folder_ / "out";
  std::vector<std::string> names_;
  std::atomic<bool> stop_ = false;
  Tree before_;
};

TEST_F(TransferKill, AMoveAndItsUndo) {
  kill_at(3500, [&](FileLayer& files) { move(files); });
  EXPECT_EQ(tree().size(), names_.size() - 3500);
  ASSERT_EQ(list_plans(home()).size(), 1U);
  EXPECT_EQ(list_plans(home())[0].state, PlanState::stopped);
  kill_at(2000, [&](FileLayer& files) { take_back(files); });
  EXPECT_EQ(tree().size(), names_.size() - 1500);
  const Undone done = take_back();
  EXPECT_TRUE(done.left.empty());
  EXPECT_EQ(done.plan.state, PlanState::undone);
  EXPECT_TRUE(tree() == before_) << "a file is not where it was";
  EXPECT_FALSE(fs::exists(out_));
}

TEST_F(TransferKill, AMoveGoesOn) {
  kill_at(5500, [&](FileLayer& files) { move(files); });
  const Transferred done = move();
  EXPECT_TRUE(done.resumed);
  EXPECT_TRUE(done.failed.empty());
  EXPECT_TRUE(tree().empty());
  EXPECT_EQ(list_plans(home())[0].files, kFiles);
  EXPECT_EQ(take_back().taken_back, kFiles);
  EXPECT_TRUE(tree() == before_) << "a file is not where it was";
}

}  // namespace
}  // namespace pixmill::pipeline
