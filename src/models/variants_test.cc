#include <gtest/gtest.h>

#include "models/card_words.h"
#include "pixmill/models/model_store.h"
#include "support/testing.h"

namespace pixmill::models {
namespace {

using pixmill::testing::error_of;
using pixmill::testing::TemporaryFolder;
using pixmill::testing::write_file;

constexpr const char* kVariant = R"(id: starter-int8
task: cutout
licence: MIT
files: [{name: w.onnx}]
input: {size: [256, 256]}
variant:
  of: starter
  of_sha256: 50977984dee8df01e637f3f05ea818b61a382bd19b125bc3573bc1ce5fa73c86
  precision: int8
  metric: mean difference of the mattes, 0 to 1
  loss: 0.0026
  tolerance: 0.01
  pictures: 16
  truth: [0.7416, 0.7421]
  layers: 38
  in_float: 1
  speed:
    - {backend: onnxruntime, base: 41.1, variant: 82.1}
    - {backend: openvino, base: 41.7, variant: 110.7}
)";

std::string but(const std::string& from, const std::string& to) {
  std::string text = kVariant;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

// The hash in the card above with other digits in front.
std::string hash_with(const std::string& front) {
  return front + "dee8df01e637f3f05ea818b61a382bd19b125bc3573bc1ce5fa73c86";
}

TEST(Variant, IsReadAndWritten) {
  const ModelCard card = parse_card(to_yaml(parse_card(kVariant, "my.yaml")), "again");
  ASSERT_TRUE(card.variant);
  const VariantSpec& variant = *card.variant;
  EXPECT_EQ(variant.of, "starter");
  EXPECT_EQ(variant.precision, "int8");
  EXPECT_EQ(variant.metric, "mean difference of the mattes, 0 to 1");
  EXPECT_NEAR(variant.loss, 0.0026, 1e-9);
  EXPECT_NEAR(variant.tolerance, 0.01, 1e-9);
  EXPECT_EQ(variant.pictures, 16);
  ASSERT_EQ(variant.truth.size(), 2U);
  EXPECT_NEAR(variant.truth[1], 0.7421, 1e-6);
  EXPECT_EQ(variant.layers, 38);
  EXPECT_EQ(variant.in_float, 1);
  ASSERT_EQ(variant.speed.size(), 2U);
  EXPECT_EQ(variant.speed[1].backend, "openvino");
  EXPECT_NEAR(variant.speed[1].variant, 110.7, 1e-4);
}

TEST(Variant, CardsWithoutOneHaveNone) {
  const std::string yaml = kVariant;
  const ModelCard card = parse_card(yaml.substr(0, yaml.find("variant:")), "my.yaml");
  EXPECT_FALSE(card.variant);
  EXPECT_EQ(to_yaml(card).find("variant"), std::string::npos);
}

TEST(Variant, WrongValuesAreRefused) {
  const auto refused = [](const std::string& yaml, const char* part) {
    EXPECT_SAYS(error_of(ErrorCode::usage, [&] { parse_card(yaml, "my.yaml"); }).message(), part);
  };
  refused(but("of: starter", "of: No Id"), "variant.of");
  refused(but("precision: int8", "precision: int9"), "int9");
  refused(but("50977984", "5097798"), "variant.of_sha256");
  refused(but("loss: 0.0026", "loss: much"), "variant.loss");
  refused(but("truth: [0.7416, 0.7421]", "truth: [0.7416]"), "variant.truth");
  refused(but("backend: openvino, ", ""), "backend");
  refused(but("in_float: 1", "in_flaot: 1"), "in_flaot");
}

TEST(Variant, IsFoundByTheWeightsOfItsModel) {
  const TemporaryFolder folder;
  const ModelStore store(folder / "models");
  const ResolvedModel starter = store.resolve("starter", "cutout", {});
  EXPECT_EQ(store.find_variant(starter, "int8")->presence, Presence::built_in);
  EXPECT_EQ(store.variant(starter, "int8").data.bytes().size(), 2211425U);
  EXPECT_FALSE(store.find_variant(starter, "bf16"));
  ResolvedModel unknown = store.resolve("starter", "cutout", {});
  unknown.content_hash = hash_with("70977984");
  unknown.card.files.clear();
  EXPECT_FALSE(store.find_variant(unknown, "int8")) << "a file that no card describes";
  const Error none = error_of(ErrorCode::not_found, [&] { store.variant(starter, "bf16"); });
  EXPECT_SAYS(none.message(), "bf16 variant of starter");
  EXPECT_SAYS(none.hint(), "pixmill quantize starter --with");

  write_file(folder / "models/starter-int8/card.yaml", kVariant);
  error_of(ErrorCode::not_found, [&] { store.variant(starter, "int8"); });  // a card without its weights
  write_file(folder / "models/starter-int8/w.onnx", "\x08 weights");
  EXPECT_EQ(store.variant(starter, "int8").card.id, "starter-int8");
  error_of(ErrorCode::not_found, [&] { store.variant(starter, "bf16"); });

  write_file(folder / "models/starter-int8/card.yaml", but("50977984", "60977984"));  // made from other weights
  error_of(ErrorCode::not_found, [&] { store.variant(starter, "int8"); });
  ResolvedModel known = store.resolve("starter", "cutout", {});  // from the same ones in another file
  known.card.files.front().also.push_back(hash_with("60977984"));
  EXPECT_EQ(store.variant(known, "int8").card.id, "starter-int8");
}

}  // namespace
}  // namespace pixmill::models
