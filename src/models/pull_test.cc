// Downloads from tests/fake_model_server.py on this machine.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <thread>

#include "models/download.h"
#include "pixmill/models/model_store.h"
#include "pixmill/platform/digest.h"
#include "support/testing.h"

namespace pixmill::models {
using pixmill::testing::error_of;
using pixmill::testing::file_text;
using pixmill::testing::TemporaryFolder;
using pixmill::testing::write_file;
namespace {

namespace fs = std::filesystem;

// The server as a child process; ends with this object, as its standard input does.
class FakeServer {
 public:
  explicit FakeServer(const fs::path& folder) {
    int to_child[2];
    int from_child[2];
    if (::pipe2(to_child, O_CLOEXEC) != 0 || ::pipe2(from_child, O_CLOEXEC) != 0) return;
    const std::string script = PIXMILL_SOURCE_DIR "/tests/fake_model_server.py";
    std::string arguments[] = {"python3", script, folder.string()};
    char* argv[] = {arguments[0].data(), arguments[1].data(), arguments[2].data(), nullptr};
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, to_child[0], 0);
    ::posix_spawn_file_actions_adddup2(&actions, from_child[1], 1);
    if (::posix_spawnp(&child_, "python3", &actions, nullptr, argv, environ) != 0) child_ = -1;
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(to_child[0]);
    ::close(from_child[1]);
    input_ = to_child[1];
    std::string line;
    for (char letter = 0; child_ > 0 && ::read(from_child[0], &letter, 1) == 1 && letter != '\n';) line += letter;
    port_ = std::atoi(line.c_str());
    ::close(from_child[0]);
  }
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;
  ~FakeServer() {
    ::close(input_);
    if (child_ > 0) ::waitpid(child_, nullptr, 0);
  }

  bool runs() const { return port_ > 0; }
  std::string url(const std::string& path) const { return "http://127.0.0.1:" + std::to_string(port_) + "/" + path; }

 private:
  pid_t child_ = -1;
  int input_ = -1;
  int port_ = 0;
};

DownloadPolicy quick() {
  DownloadPolicy policy;
  policy.attempts = 3;
  policy.first_pause = std::chrono::milliseconds(1);
  policy.stall_seconds = 1;
  policy.connect_seconds = 2;
  return policy;
}

std::string hash_of(const std::string& text) {
  return platform::sha256(std::as_bytes(std::span(text)));
}

class PullTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ::unsetenv("PIXMILL_OFFLINE");
    ::setenv("no_proxy", "127.0.0.1", 1);
    for (int i = 0; i < 100000; ++i) content_ += static_cast<char>(i * 7919 >> 5);
    write_file(folder_ / "served/w.onnx", content_);
    server_ = std::make_unique<FakeServer>(folder_ / "served");
    if (!server_->runs()) GTEST_SKIP() << "python3 is needed for the server";
  }

  Download file(const std::string& options, std::int64_t bytes = 0) const {
    return {server_->url(options + "/w.onnx"), folder_ / "w.part", bytes};
  }
  bool get(const std::string& options, std::int64_t bytes = 0) { return download(file(options, bytes), {}, quick()); }
  std::string part() const { return file_text(folder_ / "w.part"); }
  std::string server_log() {
    const Download log{server_->url("log"), folder_ / "log", 0};
    forget_part(log.part);
    download(log, {}, quick());
    return file_text(log.part);
  }

  // A card of the user's for the served file.
  void describe(const std::string& options, const std::string& fields) {
    write_file(home_ / "m/card.yaml", "id: m\ntask: cutout\nlicence: MIT\nfiles: [{name: w.onnx, url: '" +
                                          server_->url(options + "/w.onnx") + "'" + fields +
                                          "}]\ninput: {size: [320, 320]}\n");
  }
  fs::path weights() const { return home_ / "m/w.onnx"; }

  TemporaryFolder folder_;
  fs::path home_ = folder_ / "home";
  ModelStore store_{home_};
  std::string content_;
  std::unique_ptr<FakeServer> server_;
};

TEST_F(PullTest, GetsAFile) {
  EXPECT_FALSE(get("plain", 100000));
  EXPECT_EQ(part(), content_);
  forget_part(folder_ / "w.part");
  EXPECT_FALSE(fs::exists(folder_ / "w.part.mark"));
  get("nolength");
  EXPECT_EQ(part(), content_);
}

TEST_F(PullTest, GoesOnAfterABreak) {
  get("break=30000", 100000);
  EXPECT_EQ(part(), content_);
  const std::string log = server_log();
  EXPECT_SAYS(log, "w.onnx bytes=30000- \"100000\" 206");
  EXPECT_SAYS(log, "bytes=90000-");
}

TEST_F(PullTest, GoesOnInAnotherCall) {
  write_file(folder_ / "w.part", content_.substr(0, 12345));
  EXPECT_TRUE(get("plain"));
  EXPECT_EQ(part(), content_);
  EXPECT_SAYS(server_log(), "bytes=12345- - 206");
}

TEST_F(PullTest, BeginsAnewWhenTheFileChanged) {
  write_file(folder_ / "w.part", std::string(5000, 'o'));
  write_file(folder_ / "w.part.mark", "\"older\"");
  get("plain");
  EXPECT_EQ(part(), content_);
  EXPECT_SAYS(server_log(), "bytes=5000- \"older\" 200");
}

TEST_F(PullTest, BeginsAnewWithoutRanges) {
  write_file(folder_ / "w.part", std::string(5000, 'o'));
  get("norange");
  EXPECT_EQ(part(), content_);
}

TEST_F(PullTest, BeginsAnewWhenThePartIsTooLong) {
  write_file(folder_ / "w.part", std::string(200000, 'o'));
  get("plain");
  EXPECT_EQ(part(), content_);
  write_file(folder_ / "w.part", std::string(200000, 'o'));
  get("plain", 100000);
  EXPECT_EQ(part(), content_);
}

TEST_F(PullTest, GivesUpWhenNothingComes) {
  EXPECT_SAYS(error_of(ErrorCode::network, [&] { get("status=503"); }).message(), "answers 503");
  EXPECT_SAYS(error_of(ErrorCode::network, [&] { get("break=0"); }).hint(), "connection");
  get("fail=2");
  EXPECT_EQ(part(), content_);
}

TEST_F(PullTest, DoesNotAskTwiceForWhatIsNotThere) {
  EXPECT_SAYS(error_of(ErrorCode::network, [&] { get("status=404"); }).message(), "answers 404");
  const std::string log = server_log();
  EXPECT_EQ(log.find(" 404"), log.rfind(" 404"));
  EXPECT_EQ(fs::file_size(folder_ / "w.part"), 0U) << "the page that says so is no model";
}

TEST_F(PullTest, AStalledConnectionIsBroken) {
  get("stall=300");
  EXPECT_EQ(part(), content_);
  EXPECT_SAYS(server_log(), "bytes=300-");
}

TEST_F(PullTest, FollowsAFewRedirects) {
  get("redirect=5");
  EXPECT_EQ(part(), content_);
  forget_part(folder_ / "w.part");
  error_of(ErrorCode::network, [&] { get("redirect=6"); });
  error_of(ErrorCode::network, [&] { get("to=file%3A%2F%2F%2Fetc%2Fpasswd"); });
  error_of(ErrorCode::network, [&] { get("to=ftp%3A%2F%2F127.0.0.1%2Fx"); });
}

TEST_F(PullTest, RefusesAnotherSize) {
  for (const char* options : {"short", "long", "long,nolength"}) {
    error_of(ErrorCode::corrupt, [&] { get(options, 100000); });
    EXPECT_FALSE(fs::exists(folder_ / "w.part")) << options;
  }
}

TEST_F(PullTest, NobodyThereIsANetworkError) {
  const Download closed{"http://127.0.0.1:1/w.onnx", folder_ / "w.part", 0};
  error_of(ErrorCode::network, [&] { download(closed, {}, quick()); });
  const Download unknown{"http://no-such-host.invalid/w.onnx", folder_ / "w.part", 0};
  EXPECT_SAYS(error_of(ErrorCode::network, [&] { download(unknown, {}, quick()); }).message(), "no-such-host.invalid");
}

TEST_F(PullTest, CanBeStoppedAndGoneOnWith) {
  std::int64_t seen = 0;
  const auto stop = [&](std::int64_t done, std::int64_t total) {
    EXPECT_TRUE(total == 0 || total == 100000) << total;
    seen = done;
    return done < 20000;
  };
  error_of(ErrorCode::interrupted, [&] { download(file("slow"), stop, quick()); });
  EXPECT_GE(seen, 20000);
  EXPECT_LT(part().size(), content_.size());
  EXPECT_TRUE(get("plain"));
  EXPECT_EQ(part(), content_);
}

TEST_F(PullTest, AnUnwritablePlaceIsSaid) {
  write_file(folder_ / "file", "x");
  error_of(ErrorCode::unwritable, [&] {
    download({server_->url("plain/w.onnx"), folder_ / "file/w.part", 0}, {}, quick());
  });
}

TEST_F(PullTest, StorePullsAndVerifies) {
  describe("plain", ", sha256: " + hash_of(content_) + ", bytes: 100000");
  EXPECT_EQ(store_.find("m").presence, Presence::absent);
  std::int64_t last = 0;
  store_.pull("m", [&](std::int64_t done, std::int64_t total) {
    EXPECT_EQ(total, 100000);
    last = done;
    return true;
  });
  EXPECT_EQ(last, 100000);
  EXPECT_EQ(file_text(weights()), content_);
  EXPECT_EQ(store_.verify("m"), Presence::present);
  EXPECT_FALSE(fs::exists(weights().string() + ".part"));
  EXPECT_FALSE(fs::exists(weights().string() + ".part.mark"));
  const std::string before = server_log();
  store_.pull("m", {});  // whole already
  EXPECT_EQ(server_log(), before);
}

TEST_F(PullTest, StoreRepairsDamage) {
  describe("plain", ", sha256: " + hash_of(content_));
  write_file(weights(), std::string(100000, 'x'));
  EXPECT_EQ(store_.verify("m"), Presence::damaged);
  store_.pull("m", {});
  EXPECT_EQ(store_.verify("m"), Presence::present);
}

TEST_F(PullTest, StoreRefusesWrongContent) {
  describe("damaged", ", sha256: " + hash_of(content_) + ", bytes: 100000");
  EXPECT_SAYS(error_of(ErrorCode::corrupt, [&] { store_.pull("m", {}); }).message(), "hash differs");
  EXPECT_FALSE(fs::exists(weights()));
  EXPECT_FALSE(fs::exists(weights().string() + ".part"));
}

TEST_F(PullTest, StoreDoesNotTrustAnEarlierPart) {
  describe("plain", ", sha256: " + hash_of(content_));
  write_file(weights().string() + ".part", std::string(4000, 'o'));
  store_.pull("m", {});
  EXPECT_EQ(file_text(weights()), content_);
}

TEST_F(PullTest, StoreRecordsTheHashWhereOnlyMd5IsKnown) {
  write_file(folder_ / "served/abc.onnx", "abc");
  write_file(home_ / "m/card.yaml", "id: m\ntask: cutout\nlicence: MIT\nfiles: [{name: w.onnx, url: '" +
                                        server_->url("plain/abc.onnx") +
                                        "', md5: 900150983cd24fb0d6963f7d28e17f72}]\ninput: {size: [320, 320]}\n");
  store_.pull("m", {});
  EXPECT_EQ(file_text(home_ / "m/SHA256SUMS"), hash_of("abc") + "  w.onnx\n");
  EXPECT_EQ(store_.verify("m"), Presence::present);
  write_file(home_ / "m/SHA256SUMS", hash_of("another") + "  w.onnx\n");
  EXPECT_EQ(store_.verify("m"), Presence::damaged) << "sha256 says more than md5";
  write_file(folder_ / "served/abc.onnx", "abd");
  fs::remove(weights());
  fs::remove(home_ / "m/SHA256SUMS");
  error_of(ErrorCode::corrupt, [&] { store_.pull("m", {}); });
}

TEST_F(PullTest, TwoPullsDoNotClash) {
  describe("slow", ", sha256: " + hash_of(content_));
  std::thread other([&] { ModelStore(home_).pull("m", {}); });
  store_.pull("m", {});
  other.join();
  EXPECT_EQ(file_text(weights()), content_);
  const std::string log = server_log();
  EXPECT_EQ(log.find("w.onnx"), log.rfind("w.onnx")) << "fetched twice:\n" << log;
}

TEST_F(PullTest, OfflineIsAWord) {
  describe("plain", ", sha256: " + hash_of(content_));
  ::setenv("PIXMILL_OFFLINE", "1", 1);
  const Error error = error_of(ErrorCode::network, [&] { store_.pull("m", {}); });
  ::unsetenv("PIXMILL_OFFLINE");
  EXPECT_SAYS(error.message(), "PIXMILL_OFFLINE");
  EXPECT_EQ(server_log(), "");
  store_.pull("starter", {});
  EXPECT_SAYS(error_of(ErrorCode::not_found, [&] { store_.pull("rmbg-1.4", {}); }).hint(), "models add");
}

}  // namespace
}  // namespace pixmill::models
