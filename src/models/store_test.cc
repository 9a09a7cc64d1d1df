#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <thread>
#include <tuple>

#include "models/built_in.h"
#include "models/hash_cache.h"
#include "pixmill/models/model_store.h"
#include "pixmill/platform/digest.h"
#include "pixmill/platform/files.h"
#include "support/testing.h"

namespace pixmill::models {
using pixmill::testing::error_of;
using pixmill::testing::file_text;
using pixmill::testing::TemporaryFolder;
using pixmill::testing::write_file;
namespace {

namespace fs = std::filesystem;

const fs::path kMatting = fs::path(PIXMILL_SOURCE_DIR) / ".." / "shared" / "models" / "matting";

std::string hash_of(const std::string& text) {
  return platform::sha256(std::as_bytes(std::span(text)));
}

// What stands in for weights here: the store never looks inside.
std::string weights(char filling = 'w') {
  return std::string("\x08\x07\x12") + std::string(1000, filling);
}

ModelSignature matte_signature(const std::string&, std::span<const std::byte>) {
  return {{{"x", ElementType::f32, {1, 3, 320, 320}, {}}}, {{"mask", ElementType::f32, {1, 1, 320, 320}, {}}}, {}};
}

ModelSignature classifier_signature(const std::string&, std::span<const std::byte>) {
  return {{{"x", ElementType::f32, {1, 3, 224, 224}, {}}}, {{"y", ElementType::f32, {1, 1000}, {}}}, {}};
}

ModelSignature no_model(const std::string& name, std::span<const std::byte>) {
  throw Error(ErrorCode::bad_model, name + " is not a model");
}

ModelSignature never(const std::string&, std::span<const std::byte>) {
  ADD_FAILURE() << "the signature was read though the card is known";
  return {};
}

std::string card_text(const std::string& id, const std::string& hash, const std::string& file = "w.onnx") {
  return "id: " + id + "\ntask: cutout\nlicence: MIT\nfiles: [{name: " + file +
         (hash.empty() ? "" : ", sha256: " + hash) + "}]\ninput: {size: [320, 320]}\n";
}

class StoreTest : public ::testing::Test {
 protected:
  fs::path put_model(const std::string& id, const std::string& card, const std::string& bytes) {
    write_file(home_ / id / "card.yaml", card);
    return write_file(home_ / id / "w.onnx", bytes);
  }

  TemporaryFolder folder_;
  fs::path home_ = folder_ / "home";
  ModelStore store_{home_};
};

TEST(Sha256, IsTheStandardOne) {
  EXPECT_EQ(hash_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hash_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_F(StoreTest, ListsShippedModelsWithoutTouchingTheDisk) {
  const auto entries = store_.list();
  EXPECT_EQ(entries.size(), shipped_cards().size());
  EXPECT_TRUE(std::is_sorted(entries.begin(), entries.end(), [](const StoreEntry& a, const StoreEntry& b) {
    return std::tie(a.card.task, a.card.id) < std::tie(b.card.task, b.card.id);
  }));
  EXPECT_EQ(store_.find("starter").presence, Presence::built_in);
  EXPECT_EQ(store_.find("u2net").presence, Presence::absent);
  EXPECT_EQ(store_.verify("starter"), Presence::built_in);
  EXPECT_FALSE(fs::exists(home_));
}

TEST_F(StoreTest, ResolvesTheBuiltInModel) {
  const ResolvedModel model = store_.resolve("starter", "cutout", never);
  EXPECT_EQ(model.content_hash, platform::sha256(model.data.bytes()));
  EXPECT_EQ(model.name, "starter");
  EXPECT_TRUE(model.note.empty());
  EXPECT_FALSE(fs::exists(home_));
}

TEST_F(StoreTest, UnknownNamesGetTheNearest) {
  const Error error = error_of(ErrorCode::not_found, [&] { store_.resolve("u2nte", "cutout", never); });
  EXPECT_SAYS(error.message(), "'u2nte'");
  EXPECT_SAYS(error.hint(), "did you mean u2net?");
  EXPECT_SAYS(error_of(ErrorCode::not_found, [&] { store_.find("../starter"); }).message(), "../starter");
  EXPECT_SAYS(error_of(ErrorCode::not_found, [&] { store_.resolve("x/y.onnx", "cutout", never); }).message(),
              "x/y.onnx does not exist");
}

TEST_F(StoreTest, AbsentWeightsSayHowToGetThem) {
  const Error pullable = error_of(ErrorCode::not_found, [&] { store_.resolve("u2net", "cutout", never); });
  EXPECT_SAYS(pullable.hint(), "pixmill models pull u2net");
  EXPECT_SAYS(pullable.hint(), "176 MB");
  EXPECT_SAYS(pullable.hint(), "Apache-2.0");
  const Error by_hand = error_of(ErrorCode::not_found, [&] { store_.resolve("rmbg-1.4", "cutout", never); });
  EXPECT_SAYS(by_hand.hint(), "pixmill models add");
  EXPECT_SAYS(by_hand.hint(), "NON-COMMERCIAL");
  EXPECT_EQ(store_.verify("u2net"), Presence::absent);
}

TEST_F(StoreTest, ResolvesTheUsersOwn) {
  const fs::path path = put_model("mine", card_text("mine", hash_of(weights())), weights());
  const ResolvedModel model = store_.resolve("mine", "cutout", never);
  EXPECT_EQ(model.data.bytes().size(), weights().size());
  EXPECT_EQ(model.content_hash, hash_of(weights()));
  const StoreEntry entry = store_.find("mine");
  EXPECT_TRUE(entry.users_own);
  EXPECT_EQ(entry.path, path);
  EXPECT_EQ(store_.verify("mine"), Presence::present);
  EXPECT_SAYS(error_of(ErrorCode::bad_model, [&] { store_.resolve("mine", "detect", never); }).message(), "cutout");
}

TEST_F(StoreTest, FurtherGraphsLieBesideTheFirst) {
  const fs::path folder = fs::path(home_) / "sam";
  const auto card = [](const std::string& hash) {
    return "id: sam\ntask: cutout\nlicence: MIT\nfiles: [{name: e.onnx}, {name: d.onnx" + hash +
           "}]\ngraphs: [{role: encoder, file: e.onnx}, {role: decoder, file: d.onnx}]\ninput: {size: [320, 320]}\n";
  };
  write_file(folder / "e.yaml", card(", sha256: " + hash_of(weights('d'))));
  write_file(folder / "e.onnx", weights('e'));
  const ModelStore store(home_);
  const ResolvedModel model = store.resolve((folder / "e.onnx").string(), "cutout", never);
  error_of(ErrorCode::not_found, [&] { store.further_graphs(model); });
  write_file(folder / "d.onnx", weights('x'));
  error_of(ErrorCode::corrupt, [&] { store.further_graphs(model); });
  write_file(folder / "d.onnx", weights('d'));
  const std::vector<ResolvedModel> others = store.further_graphs(model);
  ASSERT_EQ(others.size(), 1U);
  EXPECT_EQ(others[0].content_hash, hash_of(weights('d')));
  EXPECT_EQ(others[0].card.graphs[1].role, "decoder");
  write_file(folder / "d.onnx", "<html>not found</html>");
  error_of(ErrorCode::bad_model, [&] { store.further_graphs(model); });
}

TEST_F(StoreTest, DamagedWeightsAreRefused) {
  put_model("mine", card_text("mine", hash_of(weights())), weights('x'));
  EXPECT_EQ(store_.find("mine").presence, Presence::present) << "a glance does not hash";
  EXPECT_EQ(store_.verify("mine"), Presence::damaged);
  const Error error = error_of(ErrorCode::corrupt, [&] { store_.resolve("mine", "cutout", never); });
  EXPECT_SAYS(error.message(), "w.onnx is damaged");
  EXPECT_SAYS(error.hint(), "models remove mine");
}

TEST_F(StoreTest, AUsersCardStandsBeforeTheShippedOne) {
  put_model("u2net", card_text("u2net", ""), weights());
  EXPECT_TRUE(store_.find("u2net").users_own);
  EXPECT_EQ(store_.list().size(), shipped_cards().size());
  store_.remove("u2net");
  EXPECT_FALSE(store_.find("u2net").users_own);
}

TEST_F(StoreTest, ABrokenCardHidesNoOther) {
  put_model("broken", "id: [", weights());
  put_model("other-name", card_text("mine", ""), weights());
  const auto entries = store_.list();
  EXPECT_EQ(entries.size(), shipped_cards().size() + 2);
  const auto broken =
      std::find_if(entries.begin(), entries.end(), [](const StoreEntry& e) { return e.card.id == "broken"; });
  ASSERT_NE(broken, entries.end());
  EXPECT_EQ(broken->presence, Presence::damaged);
  EXPECT_SAYS(broken->card.title, "not YAML");
  error_of(ErrorCode::usage, [&] { store_.find("broken"); });
  EXPECT_SAYS(error_of(ErrorCode::usage, [&] { store_.resolve("other-name", "cutout", never); }).message(),
              "folder's name");
  store_.remove("broken");
  EXPECT_EQ(store_.list().size(), shipped_cards().size() + 1);
}

TEST_F(StoreTest, AFileIsKnownByItsContent) {
  put_model("mine", card_text("mine", hash_of(weights())), weights());
  const fs::path file = write_file(folder_ / "elsewhere.onnx", weights());
  const ResolvedModel model = store_.resolve(file.string(), "cutout", never);
  EXPECT_EQ(model.card.id, "mine");
  EXPECT_EQ(model.name, file.string());
  EXPECT_SAYS(model.note, "known by its content: mine");
}

TEST_F(StoreTest, AFileIsKnownByTheCardBesideIt) {
  const fs::path file = write_file(folder_ / "m.onnx", weights());
  write_file(folder_ / "m.yaml", card_text("beside", hash_of(weights())));
  EXPECT_SAYS(store_.resolve(file.string(), "cutout", never).note, "m.yaml");
  write_file(folder_ / "m.yaml", card_text("beside", hash_of("other")));
  EXPECT_SAYS(error_of(ErrorCode::corrupt, [&] { store_.resolve(file.string(), "cutout", never); }).message(),
              "m.yaml");
  write_file(folder_ / "m.yaml", "id: [");
  error_of(ErrorCode::usage, [&] { store_.resolve(file.string(), "cutout", never); });
}

TEST_F(StoreTest, AFileIsGuessed) {
  const fs::path file = write_file(folder_ / "m.onnx", weights());
  const ResolvedModel model = store_.resolve(file.string(), "cutout", matte_signature);
  EXPECT_SAYS(model.note, "guessed");
  EXPECT_EQ(model.content_hash, hash_of(weights()));
  EXPECT_SAYS(
      error_of(ErrorCode::bad_model, [&] { store_.resolve(file.string(), "cutout", classifier_signature); }).hint(),
      "m.yaml");
  error_of(ErrorCode::bad_model, [&] { store_.resolve(file.string(), "cutout", no_model); });
  error_of(ErrorCode::bad_model, [&] { store_.resolve(file.string(), "upscale", matte_signature); });
}

TEST_F(StoreTest, ThingsThatAreNoModelsAreRefused) {
  EXPECT_SAYS(
      error_of(ErrorCode::bad_model, [&] { store_.resolve(folder_.path().string(), "cutout", never); }).message(),
      "folder");
  const auto refuse = [&](const std::string& text, ErrorCode code, const char* part) {
    const fs::path file = write_file(folder_ / "m.onnx", text);
    EXPECT_SAYS(error_of(code, [&] { store_.resolve(file.string(), "cutout", never); }).message(), part);
  };
  refuse("", ErrorCode::unreadable, "empty");
  refuse("<!DOCTYPE html><html>not here</html>", ErrorCode::bad_model, "text");
  refuse("version https://git-lfs.github.com/spec/v1\noid sha256:12\n", ErrorCode::bad_model, "Git LFS");
  EXPECT_SAYS(error_of(ErrorCode::unreadable, [] { ModelData::map("/dev/null"); }).message(), "not a file");
  if (::geteuid() != 0) {
    const fs::path file = write_file(folder_ / "locked.onnx", weights());
    fs::permissions(file, fs::perms::none);
    error_of(ErrorCode::unreadable, [&] { store_.resolve(file.string(), "cutout", never); });
  }
}

TEST_F(StoreTest, AddsAGuessedModel) {
  const fs::path file = write_file(folder_ / "My Model.onnx", weights());
  const StoreEntry entry = store_.add(file, {}, "", matte_signature);
  EXPECT_EQ(entry.card.id, "my-model");
  EXPECT_TRUE(entry.users_own);
  EXPECT_EQ(entry.card.files[0].sha256, hash_of(weights()));
  EXPECT_EQ(store_.verify("my-model"), Presence::present);
  EXPECT_EQ(store_.resolve("my-model", "cutout", never).content_hash, hash_of(weights()));
  store_.add(file, {}, "", matte_signature);  // once more is no harm
  write_file(file, weights('z'));
  EXPECT_SAYS(error_of(ErrorCode::collision, [&] { store_.add(file, {}, "", matte_signature); }).hint(), "--id");
  EXPECT_EQ(store_.add(file, {}, "other", matte_signature).card.id, "other");
  store_.remove("my-model");
  error_of(ErrorCode::not_found, [&] { store_.find("my-model"); });
  EXPECT_FALSE(fs::exists(home_ / "my-model"));
}

TEST_F(StoreTest, AddsWithACard) {
  const fs::path file = write_file(folder_ / "m.onnx", weights());
  const fs::path card = write_file(folder_ / "c.yaml", card_text("named", "", "nice.onnx"));
  EXPECT_EQ(store_.add(file, card, "", matte_signature).card.id, "named");
  write_file(card, card_text("named", hash_of("another")));
  error_of(ErrorCode::corrupt, [&] { store_.add(file, card, "", matte_signature); });
  write_file(card, card_text("named", ""));
  EXPECT_SAYS(error_of(ErrorCode::bad_model, [&] { store_.add(file, card, "x", classifier_signature); }).message(),
              "does not fit");
  error_of(ErrorCode::usage, [&] { store_.add(file, card, "../x", matte_signature); });
  error_of(ErrorCode::not_found, [&] { store_.add(folder_ / "nothing.onnx", {}, "", matte_signature); });
}

TEST_F(StoreTest, AddsWeightsForAShippedDescription) {
  const auto birefnet = [](const std::string&, std::span<const std::byte>) {
    return ModelSignature{{{"input_image", ElementType::f32, {1, 3, 1024, 1024}, {}}},
                          {{"output_image", ElementType::f32, {1, 1, 1024, 1024}, {}}},
                          {}};
  };
  const fs::path file = write_file(folder_ / "any.onnx", weights());
  const StoreEntry entry = store_.add(file, {}, "birefnet", birefnet);
  EXPECT_EQ(entry.card.family, "birefnet");
  EXPECT_EQ(entry.card.licence, "MIT");
  EXPECT_EQ(store_.resolve("birefnet", "cutout", never).content_hash, hash_of(weights()));
  EXPECT_SAYS(error_of(ErrorCode::bad_model, [&] { store_.add(file, {}, "u2net", birefnet); }).message(), "320x320");
}

TEST_F(StoreTest, RemoveLeavesWhatIsNotItsOwn) {
  error_of(ErrorCode::usage, [&] { store_.remove("starter"); });
  error_of(ErrorCode::not_found, [&] { store_.remove("u2net"); });
  error_of(ErrorCode::not_found, [&] { store_.remove("nobody"); });
  put_model("mine", card_text("mine", ""), weights());
  const fs::path note = write_file(home_ / "mine" / "note.txt", "keep");
  store_.remove("mine");
  EXPECT_EQ(file_text(note), "keep");
  EXPECT_FALSE(fs::exists(home_ / "mine" / "w.onnx"));
}

TEST_F(StoreTest, KnowsTheFilesOfTheModelCollection) {
  if (!fs::exists(kMatting)) GTEST_SKIP() << "no model files in " << kMatting;
  for (const auto& [file, id] : {std::pair{"u2netp.onnx", "u2netp"},
                                 {"u2netp-fp16.onnx", "u2netp-fp16"},
                                 {"selfie_segmentation.onnx", "selfie-segmentation"},
                                 {"sinet_portrait.onnx", "sinet-portrait"},
                                 {"prisma_portrait.onnx", "prisma-portrait"},
                                 {"deeplab_portrait_513.onnx", "deeplab-portrait"}}) {
    EXPECT_EQ(store_.resolve((kMatting / file).string(), "cutout", never).card.id, id);
  }
  const auto u2netp = [](const std::string&, std::span<const std::byte>) {
    ModelSignature signature{{{"input.1", ElementType::f32, {-1, 3, 320, 320}, {}}}, {}, {}};
    for (int i = 0; i < 7; ++i) signature.outputs.push_back({"o", ElementType::f32, {-1, 1, 320, 320}, {}});
    return signature;
  };
  const StoreEntry entry = store_.add(kMatting / "u2netp.onnx", {}, "", u2netp);
  EXPECT_EQ(entry.card.id, "u2netp");
  EXPECT_FALSE(entry.users_own) << "the shipped card describes it";
  EXPECT_EQ(store_.verify("u2netp"), Presence::present);
  store_.remove("u2netp");
  EXPECT_EQ(store_.find("u2netp").presence, Presence::absent);
}

TEST(HashCacheTest, RemembersUntilTheFileChanges) {
  const TemporaryFolder folder;
  const fs::path file = write_file(folder / "a", "first");
  const fs::path memory = folder / "hashes";
  const HashCache cache(memory, 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // until the file counts as settled
  const platform::FileHashes first = cache.of(file);
  EXPECT_EQ(first, platform::hash_file(file));
  ASSERT_TRUE(fs::exists(memory));
  std::string text = file_text(memory);
  text.replace(text.find(first.sha256), 64, std::string(64, 'f'));
  write_file(memory, text);
  EXPECT_EQ(cache.of(file).sha256, std::string(64, 'f')) << "not taken from memory";
  write_file(file, "other");
  EXPECT_EQ(cache.of(file), platform::hash_file(file));
  write_file(memory, "nonsense\n\n1 2\n" + std::string(3000, 'x'));
  EXPECT_EQ(cache.of(file), platform::hash_file(file));
  error_of(ErrorCode::not_found, [&] { cache.of(folder / "none"); });
}

TEST(HashCacheTest, SmallFilesAndUnwritableHomesLeaveNothing) {
  const TemporaryFolder folder;
  const fs::path file = write_file(folder / "a", "first");
  HashCache(folder / "hashes").of(file);
  EXPECT_FALSE(fs::exists(folder / "hashes"));
  EXPECT_EQ(HashCache(file / "impossible", 0).of(file), platform::hash_file(file));
}

TEST(FileLockTest, OneAtATime) {
  const TemporaryFolder folder;
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  const auto work = [&] {
    const platform::FileLock lock(folder / "x.lock");
    most = std::max(most.load(), ++inside);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    --inside;
  };
  std::thread a(work);
  std::thread b(work);
  a.join();
  b.join();
  EXPECT_EQ(most, 1);
  const platform::FileLock held(folder / "x.lock");
  error_of(ErrorCode::interrupted, [&] { platform::FileLock(folder / "x.lock", [] { return false; }); });
}

TEST(Files, AreWholeOrNotThere) {
  const TemporaryFolder folder;
  const fs::path path = folder / "a/b/c";
  platform::write_whole(path, "text");
  EXPECT_EQ(platform::read_text(path, 10), "text");
  const fs::path before = fs::current_path();
  fs::current_path(folder / "a");
  platform::write_whole("bare name", "text");
  fs::current_path(before);
  EXPECT_EQ(platform::read_text(folder / "a/bare name", 10), "text");
  error_of(ErrorCode::too_large, [&] { platform::read_text(path, 3); });
  error_of(ErrorCode::unwritable, [&] { platform::write_whole(path / "d", "x"); });
  error_of(ErrorCode::not_found, [&] { platform::copy_whole(folder / "none", folder / "to"); });
  EXPECT_FALSE(fs::exists(folder / "to"));
  error_of(ErrorCode::disk_full, [] {
    const std::string text = "no room";
    platform::write_all(platform::open_to_append("/dev/full"), std::as_bytes(std::span(text)), "/dev/full");
  });
  EXPECT_EQ(std::distance(fs::directory_iterator(folder / "a/b"), {}), 1);
}

}  // namespace
}  // namespace pixmill::models
