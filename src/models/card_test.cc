#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "models/built_in.h"
#include "models/card_words.h"
#include "pixmill/core/error.h"
#include "pixmill/models/class_names.h"
#include "pixmill/models/model_card.h"
#include "pixmill/models/model_store.h"
#include "pixmill/platform/digest.h"

namespace pixmill::models {
namespace {

constexpr const char* kSmallest = R"(id: small
task: cutout
licence: MIT
files: [{name: small.onnx}]
input: {size: [320, 200]}
)";

// The card above with `line` added.
std::string with(const std::string& line) {
  return kSmallest + line + "\n";
}

// The card above with `from` replaced by `to`.
std::string but(const std::string& from, const std::string& to) {
  std::string text = kSmallest;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

// Message and hint of the Error{usage} that parsing must end in.
std::string refusal(const std::string& yaml) {
  try {
    parse_card(yaml, "my.yaml");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::usage) << error.message();
    return error.message() + " | " + error.hint();
  }
  ADD_FAILURE() << "accepted:\n" << yaml;
  return {};
}

void expect_refusal(const std::string& yaml, std::initializer_list<const char*> parts) {
  const std::string text = refusal(yaml);
  for (const char* part : parts)
    EXPECT_NE(text.find(part), std::string::npos) << "'" << part << "' is not in: " << text;
}

TEST(Card, SmallestHasDefaults) {
  const ModelCard card = parse_card(kSmallest, "my.yaml");
  EXPECT_EQ(card.id, "small");
  EXPECT_EQ(card.input.size, (Size{320, 200}));
  EXPECT_EQ(card.input.fit, Fit::stretch);
  EXPECT_EQ(card.input.filter, Filter::bilinear);
  EXPECT_EQ(card.input.scale, Scale::unit);
  EXPECT_TRUE(card.input.planar);
  EXPECT_EQ(card.input.color, Color::rgb);
  EXPECT_EQ(card.output.decoder, "matte");
  EXPECT_EQ(card.runtime.batch, 0);
}

TEST(Card, EveryFieldIsRead) {
  const ModelCard card = parse_card(R"(
id: full_1.0
title: All there is
task: segment
family: mine
licence: Apache-2.0
source: me
how_to_get: >-
  Ask
  me.
files:
  - name: a.onnx
    sha256: 50977984dee8df01e637f3f05ea818b61a382bd19b125bc3573bc1ce5fa73c86
    md5: 8e83ca70e441ab06c318d82300c84806
    also: [2d853599c473cd11e4a33c5d53b258594969451ddd11ac2784eefde515103fb0]
    url: https://example.org/a.onnx
    bytes: 9876543210
  - {name: b.onnx}
input: {size: [512, 256], resize: short_side, filter: lanczos3, multiple: 32, color: bgr, layout: nhwc, scale: image_max,
        mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225]}
output: {decoder: yolo, index: 2, channel: 1, activation: softmax, rescale: minmax}
runtime: {batch: 4, deny: [openvino, TensorRT], precision: [bf16, fp16]}
)",
                                    "my.yaml");
  EXPECT_EQ(card.how_to_get, "Ask me.");
  ASSERT_EQ(card.files.size(), 2U);
  EXPECT_EQ(card.files[0].bytes, 9876543210);
  EXPECT_EQ(card.files[0].also.size(), 1U);
  EXPECT_EQ(card.input.size, (Size{512, 256}));
  EXPECT_EQ(card.input.fit, Fit::short_side);
  EXPECT_EQ(card.input.filter, Filter::lanczos3);
  EXPECT_EQ(card.input.multiple, 32);
  EXPECT_EQ(card.input.color, Color::bgr);
  EXPECT_FALSE(card.input.planar);
  EXPECT_EQ(card.input.scale, Scale::image_max);
  EXPECT_EQ(card.input.mean[1], 0.456F);
  EXPECT_EQ(card.input.std[2], 0.225F);
  EXPECT_EQ(card.output.decoder, "yolo");
  EXPECT_EQ(card.output.index, 2);
  EXPECT_EQ(card.output.channel, 1);
  EXPECT_EQ(card.output.activation, Activation::softmax);
  EXPECT_EQ(card.output.rescale, Rescale::minmax);
  EXPECT_EQ(card.runtime.batch, 4);
  EXPECT_EQ(card.runtime.deny, (std::vector<std::string>{"openvino", "TensorRT"}));
  EXPECT_EQ(card.runtime.precision, (std::vector<std::string>{"bf16", "fp16"}));

  const std::string text = to_yaml(card);
  const ModelCard again = parse_card(text, "again.yaml");
  EXPECT_EQ(to_yaml(again), text);
  EXPECT_EQ(again.input.mean, card.input.mean);
  EXPECT_EQ(again.files[0].bytes, card.files[0].bytes);
  EXPECT_EQ(again.how_to_get, card.how_to_get);
}

TEST(Card, OddTextSurvivesTheRoundTrip) {
  ModelCard card = parse_card(kSmallest, "my.yaml");
  for (const char* title : {"null", "~", "true", "12", "a: b", "# no", "- x", "\"q\" 'p'", " space ", "two\nlines",
                            "[x]", "\xC3\xA4\xE2\x82\xAC", "*a", "&a", "%", "@", "`x`", "!t"}) {
    card.title = title;
    EXPECT_EQ(parse_card(to_yaml(card), "again").title, title);
  }
}

TEST(Card, UnknownKeysAreRefusedWithTheNearestAndTheLine) {
  expect_refusal(with("licens: MIT"), {"my.yaml:6:", "'licens'", "did you mean licence?"});
  expect_refusal(but("size: [320, 200]", "size: [320, 200], colour: rgb"),
                 {"my.yaml:5:", "input", "'colour'", "color"});
  expect_refusal(but("name: small.onnx", "name: small.onnx, sha265: x"), {"files[0]", "did you mean sha256?"});
  expect_refusal(with("zzzzzzzzz: 1"), {"'zzzzzzzzz'", "known: id, title"});
}

TEST(Card, MissingKeysAreNamed) {
  expect_refusal(but("id: small\n", ""), {"my.yaml:1: id is missing"});
  expect_refusal(but("task: cutout\n", ""), {"task is missing"});
  expect_refusal(but("licence: MIT\n", ""), {"licence is missing"});
  expect_refusal(but("files: [{name: small.onnx}]\n", ""), {"files is missing"});
  expect_refusal(but("name: small.onnx", "url: https://x.org/y"), {"files[0].name is missing"});
  expect_refusal(but("size: [320, 200]", ""), {"input.size is missing", "WIDTH"});
}

TEST(Card, WrongTypesAndRangesAreRefused) {
  expect_refusal(but("id: small", "id: [small]"), {"id must be text"});
  expect_refusal(but("id: small", "id: Small"), {"id must be lower-case"});
  expect_refusal(but("id: small", "id: ../x"), {"id must be"});
  expect_refusal(but("id: small", "id:"), {"id must be text"});
  expect_refusal(but("id: small", "id: small\nid: other"), {"my.yaml:2: id is given twice"});
  expect_refusal(but("task: cutout", "task: cutuot"), {"my.yaml:2: task", "did you mean cutout?"});
  expect_refusal(but("[{name: small.onnx}]", "small.onnx"), {"files must be a list"});
  expect_refusal(but("[{name: small.onnx}]", "[]"), {"files must be a list"});
  expect_refusal(but("[{name: small.onnx}]", "[{name: a.onnx}, {name: a.onnx}]"), {"twice"});
  for (const char* name : {"../small.onnx", "a/b.onnx", ".hidden", "card.yaml", "SHA256SUMS", "\"a\\tb\""}) {
    expect_refusal(but("small.onnx", name), {"name"});
  }
  expect_refusal(but("small.onnx", "a.onnx, sha256: 12"), {"sha256 must be 64 hexadecimal digits"});
  expect_refusal(but("small.onnx", "a.onnx, md5: " + std::string(32, 'X')), {"md5 must be 32 hexadecimal digits"});
  expect_refusal(but("small.onnx", "a.onnx, url: ftp://x/y"), {"url must begin with https://"});
  expect_refusal(but("small.onnx", "a.onnx, url: 'file:///etc/passwd'"), {"url"});
  expect_refusal(but("small.onnx", "a.onnx, bytes: -1"), {"bytes must be a whole number"});
  expect_refusal(but("small.onnx", "a.onnx, bytes: 99999999999999999999"), {"bytes"});
  for (const char* size :
       {"[320]", "[0, 320]", "[320, 16385]", "[a, 320]", "320", "[320, 320, 3]", "[1.5, 2]", "[.inf, 1]", "[nan, 1]"}) {
    expect_refusal(but("[320, 200]", size), {"input.size must be"});
  }
  expect_refusal(but("size: [320, 200]", "size: [320, 200], multiple: 32"), {"input.multiple does not divide"});
  expect_refusal(but("size: [320, 200]", "size: [320, 200], multiple: 0"), {"input.multiple must be"});
  expect_refusal(but("size: [320, 200]", "size: [320, 200], std: [1, 0, 1]"),
                 {"input.std must be a list of 3 numbers"});
  expect_refusal(but("size: [320, 200]", "size: [320, 200], std: [1, -1, 1]"), {"input.std"});
  expect_refusal(but("size: [320, 200]", "size: [320, 200], mean: [1, 1e30, 1]"), {"input.mean"});
  expect_refusal(but("size: [320, 200]", "size: [320, 200], filter: lanczos"), {"did you mean lanczos3?"});
  expect_refusal(but("size: [320, 200]", "size: [320, 200], scale: units"), {"did you mean unit?"});
  expect_refusal(with("output: {activation: sigmoyd}"), {"output.activation", "did you mean sigmoid?"});
  expect_refusal(with("output: {index: -1}"), {"output.index must be"});
  expect_refusal(with("output: 3"), {"output must be a mapping"});
  expect_refusal(with("runtime: {batch: 0}"), {"runtime.batch must be dynamic or"});
  expect_refusal(with("runtime: {precision: [bf61]}"), {"did you mean bf16?"});
  expect_refusal(with("runtime: {deny: openvino}"), {"runtime.deny must be a list"});
  expect_refusal(with("title: \"\\e[31m red\""), {"title holds characters that cannot be shown"});
  expect_refusal(with("title: \"\\u0085\""), {"cannot be shown"});
  expect_refusal(with("title: " + std::string(5000, 'x')), {"longer than"});
}

TEST(Card, HostileFilesAreRefused) {
  expect_refusal("", {"must hold one YAML document"});
  expect_refusal("---\na: 1\n---\nb: 2\n", {"one YAML document"});
  expect_refusal("- a\n", {"must be a mapping"});
  expect_refusal("id: [", {"is not YAML"});
  expect_refusal("? [a]\n: b\n", {"a key"});
  expect_refusal(std::string(20000, '['), {"my.yaml"});
  expect_refusal("id: " + std::string(20000, '{'), {"my.yaml"});
  expect_refusal(std::string(2 << 20, 'x'), {"larger than"});
  expect_refusal(with("title: *nobody"), {"is not YAML"});
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n";
  for (char name = 'b'; name <= 'z'; ++name) {
    const char last = static_cast<char>(name - 1);
    bomb.append(1, name).append(": &").append(1, name).append(" [*").append(1, last);
    for (int k = 0; k < 9; ++k) bomb.append(", *").append(1, last);
    bomb.append("]\n");
  }
  expect_refusal(kSmallest + bomb, {"my.yaml:6: anchors"});
  expect_refusal(", a: b\n", {"one YAML document"});
  expect_refusal(std::string("id: a\0b\n", 8), {"my.yaml"});
  expect_refusal(with("title: \"\xFF\xFE\""), {"my.yaml"});
}

TEST(ShippedCards, AreValidAndSayWhatALicenceNeeds) {
  ASSERT_GE(shipped_cards().size(), 20U);
  for (const ModelCard& card : shipped_cards()) {
    SCOPED_TRACE(card.id);
    EXPECT_FALSE(card.title.empty());
    EXPECT_FALSE(card.family.empty());
    EXPECT_FALSE(card.source.empty());
    EXPECT_EQ(card.task == "cutout", card.output.decoder == "matte");
    EXPECT_EQ(to_yaml(parse_card(to_yaml(card), card.id)), to_yaml(card));
    const ModelFile& file = card.files[0];
    const bool on_the_web = !file.url.empty();
    EXPECT_TRUE(on_the_web || !card.how_to_get.empty() || built_in_weights(card.id)) << "no way to get it";
    if (on_the_web) {
      EXPECT_EQ(file.url.rfind("https://", 0), 0U);
      EXPECT_FALSE(file.sha256.empty());
      EXPECT_GT(file.bytes, 0);
    } else if (!card.how_to_get.empty()) {
      EXPECT_NE(card.how_to_get.find("--id " + card.id), std::string::npos);
    }
    EXPECT_EQ(card.family == "rmbg", card.licence.rfind("NON-COMMERCIAL USE ONLY", 0) == 0);
  }
}

TEST(ShippedCards, CarryTheArithmeticOfTheirFamilies) {
  const ModelCard& u2net = *shipped_card("u2netp");
  EXPECT_EQ(u2net.input.size, (Size{320, 320}));
  EXPECT_EQ(u2net.input.filter, Filter::lanczos3);
  EXPECT_EQ(u2net.input.scale, Scale::image_max);
  EXPECT_EQ(u2net.output.rescale, Rescale::minmax);
  const ModelCard& isnet = *shipped_card("isnet-general-use");
  EXPECT_EQ(isnet.input.scale, Scale::unit);
  EXPECT_EQ(isnet.input.mean, (std::array<float, 3>{0.5F, 0.5F, 0.5F}));
  EXPECT_EQ(isnet.input.std, (std::array<float, 3>{1, 1, 1}));
  const ModelCard& birefnet = *shipped_card("birefnet");
  EXPECT_EQ(birefnet.input.size, (Size{1024, 1024}));
  EXPECT_EQ(birefnet.output.activation, Activation::sigmoid);
  EXPECT_EQ(birefnet.output.rescale, Rescale::none);
  const ModelCard& modnet = *shipped_card("modnet");
  EXPECT_EQ(modnet.input.fit, Fit::short_side);
  EXPECT_EQ(modnet.input.scale, Scale::symmetric);
  EXPECT_EQ(modnet.input.filter, Filter::box);
  EXPECT_EQ(modnet.input.multiple, 32);
  const ModelCard& sinet = *shipped_card("sinet-portrait");
  EXPECT_EQ(sinet.input.color, Color::bgr);
  EXPECT_FLOAT_EQ(sinet.input.std[0], 62.93292F * 255);
  EXPECT_FALSE(shipped_card("selfie-segmentation")->input.planar);
  const ModelCard& waifu = *shipped_card("waifu2x-photo-noise1-x2");
  EXPECT_EQ(waifu.input.fit, Fit::tile);
  EXPECT_EQ(waifu.output.factor, 2);
  EXPECT_EQ(waifu.output.margin, 7);
  const ModelCard& fsrcnn = *shipped_card("fsrcnn-x3");
  EXPECT_EQ(fsrcnn.input.color, Color::luma);
  EXPECT_FALSE(fsrcnn.input.planar);
  EXPECT_EQ(shipped_card("yolox-nano-416")->input.fit, Fit::letterbox_corner);
}

TEST(Card, TilesAndLumaAreNotForCutouts) {
  const std::string upscaler =
      "id: big\ntask: upscale\nlicence: MIT\nfiles: [{name: big.onnx}]\n"
      "input: {size: [64, 64], resize: tile, color: luma}\noutput: {decoder: picture, factor: 3, margin: 2}\n";
  const ModelCard card = parse_card(upscaler, "my.yaml");
  EXPECT_EQ(card.input.fit, Fit::tile);
  EXPECT_EQ(card.input.color, Color::luma);
  EXPECT_EQ(card.output.factor, 3);
  EXPECT_EQ(card.output.margin, 2);
  EXPECT_EQ(to_yaml(parse_card(to_yaml(card), "again")), to_yaml(card));
  std::string cutout = upscaler;
  cutout.replace(cutout.find("upscale"), 7, "cutout");
  expect_refusal(cutout, {"my.yaml", "whole pictures"});
  expect_refusal(with("output: {factor: 17}"), {"factor"});
}

TEST(Card, TheBackgroundIsOneOfTheClasses) {
  const ModelCard card =
      parse_card(with("output: {decoder: classes, classes: [nothing, cat], background: 0}"), "my.yaml");
  EXPECT_EQ(card.output.background, 0);
  EXPECT_EQ(parse_card(to_yaml(card), "again").output.background, 0);
  EXPECT_EQ(parse_card(with("output: {decoder: classes}"), "my.yaml").output.background, -1);
  EXPECT_EQ(parse_card(with("output: {decoder: classes, background: 7}"), "my.yaml").output.background, 7);
  expect_refusal(with("output: {classes: [nothing, cat], background: 2}"), {"output.background", "class"});
  expect_refusal(with("output: {background: -1}"), {"output.background"});
}

TEST(Card, ClassesAreAListOrTheWordForCocos) {
  const auto classes_of = [](const std::string& output) {
    const ModelCard card = parse_card(with(output), "my.yaml");
    EXPECT_EQ(parse_card(to_yaml(card), "again").output.classes, card.output.classes);
    return card.output.classes;
  };
  EXPECT_EQ(classes_of("output: {decoder: yolov8, classes: coco-80}"), coco_80());
  EXPECT_EQ(classes_of("output: {decoder: yolov8, classes: [cat, 'no', '1', \"it's: a, b\"]}"),
            (std::vector<std::string>{"cat", "no", "1", "it's: a, b"}));
  EXPECT_TRUE(classes_of("output: {decoder: yolov8}").empty());
  expect_refusal(with("output: {classes: coco}"), {"output.classes", "coco-80"});
  expect_refusal(with("output: {classes: [cat, '']}"), {"output.classes", "empty"});
  expect_refusal(with("output: {classes: [" + std::string(129, 'x') + "]}"), {"output.classes", "128 bytes"});
}

TEST(Card, GraphsNameTheFilesOfAModelThatHasSeveral) {
  const std::string files = "files: [{name: encoder.onnx}, {name: decoder.onnx}]";
  const auto graphs = [&](const std::string& list) {
    return but("files: [{name: small.onnx}]", files + "\ngraphs: " + list);
  };
  const ModelCard card =
      parse_card(graphs("[{role: encoder, file: encoder.onnx}, {role: decoder, file: decoder.onnx}]"), "my.yaml");
  ASSERT_EQ(card.graphs.size(), 2U);
  EXPECT_EQ(card.graphs[1], (GraphFile{"decoder", "decoder.onnx"}));
  EXPECT_EQ(parse_card(to_yaml(card), "again.yaml").graphs, card.graphs);
  expect_refusal(graphs("[{role: encoder, file: encoder.onnx}]"), {"graphs", "two graphs or more"});
  expect_refusal(graphs("[{role: encoder, file: encoder.onnx}, {role: decoder, file: text.onnx}]"),
                 {"graphs[1]", "not among the card's `files`"});
  expect_refusal(graphs("[{role: one, file: encoder.onnx}, {role: one, file: decoder.onnx}]"), {"'one' twice"});
  expect_refusal(graphs("[{role: one, file: encoder.onnx}, {role: two, file: encoder.onnx}]"), {"encoder.onnx twice"});
  expect_refusal(graphs("[{role: decoder, file: decoder.onnx}, {role: encoder, file: encoder.onnx}]"),
                 {"must begin with the first of `files`, encoder.onnx"});
  expect_refusal(graphs("[{role: encoder}, {role: decoder, file: decoder.onnx}]"), {"file"});
}

TEST(Card, ATowerForTextsNamesItsFiles) {
  const auto text = [&](const std::string& section, const std::string& task = "embed") {
    std::string card = but("files: [{name: small.onnx}]",
                           "files: [{name: small.onnx}, {name: text.onnx}, {name: merges.txt}]\ntext: " + section);
    return card.replace(card.find("task: cutout"), 12, "task: " + task);
  };
  const ModelCard card = parse_card(text("{file: text.onnx, merges: merges.txt, tokens: 64}"), "my.yaml");
  EXPECT_EQ(card.text, (TextSpec{"text.onnx", "merges.txt", 64, 0}));
  EXPECT_EQ(parse_card(to_yaml(card), "again.yaml").text, card.text);
  expect_refusal(text("{file: text.onnx}"), {"text", "merges"});
  expect_refusal(text("{file: other.onnx, merges: merges.txt}"), {"text", "not among the card's `files`"});
  expect_refusal(text("{file: small.onnx, merges: merges.txt}"), {"text", "the first of them"});
  expect_refusal(text("{file: text.onnx, merges: merges.txt, tokens: 1}"), {"text.tokens"});
  expect_refusal(text("{file: text.onnx, merges: merges.txt}", "cutout"), {"text", "embed"});
}

TEST(Card, ResultsDependOnInputAndOutputOnly) {
  ModelCard card = parse_card(kSmallest, "my.yaml");
  const std::string text = result_text(card);
  card.title = "another";
  card.runtime.batch = 4;
  EXPECT_EQ(result_text(card), text);
  card.input.mean[1] = 0.5F;
  EXPECT_NE(result_text(card), text);
}

TEST(CardRuntime, IsReplacedAndTheRestStaysAsItIsWritten) {
  const std::string card = "# mine\n" + std::string(kSmallest) + "runtime:\n  batch: 4\n  precision: [fp16]\n# end\n";
  const RuntimeSpec found = {.batch = 1, .deny = {"openvino"}, .precision = {"bf16"}};
  const std::string written = with_runtime(card, "my.yaml", found);
  EXPECT_EQ(parse_card(written, "my.yaml").runtime, found);
  EXPECT_EQ(written.rfind("# mine\n", 0), 0U);
  EXPECT_NE(written.find("# end\n"), std::string::npos);
  EXPECT_EQ(with_runtime(written, "my.yaml", {}), "# mine\n" + std::string(kSmallest) + "# end\n");
}

TEST(CardRuntime, IsWrittenIntoACardWithoutOneAndIntoOneOnOneLine) {
  const RuntimeSpec found = {.batch = 0, .deny = {}, .precision = {"bf16"}};
  EXPECT_EQ(parse_card(with_runtime(kSmallest, "my.yaml", found), "my.yaml").runtime, found);
  const std::string line = "{id: a, task: cutout, licence: MIT, files: [{name: a.onnx}], input: {size: [8, 8]}}";
  const ModelCard card = parse_card(with_runtime(line, "my.yaml", found), "my.yaml");
  EXPECT_EQ(card.runtime, found);
  EXPECT_EQ(card.input.size, (Size{8, 8}));
}

TEST(ShippedCards, TheStarterIsTheOneInside) {
  const auto weights = built_in_weights("starter");
  ASSERT_TRUE(weights.has_value());
  const ModelCard& card = *shipped_card("starter");
  EXPECT_EQ(platform::sha256(*weights), card.files[0].sha256);
  EXPECT_EQ(static_cast<std::int64_t>(weights->size()), card.files[0].bytes);
}

}  // namespace
}  // namespace pixmill::models
