#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "cli/commands/commands.h"
#include "cli/commands/job.h"
#include "cli/output/event_json.h"
#include "cli/output/report.h"
#include "cli/output/terminal.h"
#include "support/testing.h"

namespace pixmill::cli {
namespace {

TEST(Printable, ControlCharactersCannotReachTheTerminal) {
  EXPECT_EQ(printable("a b"), "a b");
  EXPECT_EQ(printable("a\nb\x1b[31m\x7f"), "a\\x0ab\\x1b[31m\\x7f");
  EXPECT_EQ(printable("ünï…😀"), "ünï…😀");
  EXPECT_EQ(printable("\xff\xc3"), "\\xff\\xc3");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\xc2\\x9b31m");  // a C1 control
}

TEST(Texts, ForPeople) {
  EXPECT_EQ(clock_text(-1), "-");
  EXPECT_EQ(clock_text(59.2), "1:00");
  EXPECT_EQ(clock_text(3723), "1:02:03");
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(bytes_text(1536), "1.5 KiB");
}

TEST(EventJson, KeepsEveryByteOfAName) {
  const auto json = to_json(pipeline::Failed{"a\xff.jpg", ErrorCode::corrupt, "a\xff.jpg is damaged", "copy it again"});
  EXPECT_EQ(json["input_bytes"], "61ff2e6a7067");
  const auto read_back = nlohmann::ordered_json::parse(dump(json));
  EXPECT_EQ(read_back["event"], "failed");
  EXPECT_EQ(read_back["code"], "corrupt");
  EXPECT_EQ(read_back["hint"], "copy it again");
}

TEST(EventJson, EveryEventSaysWhatItIs) {
  const std::vector<std::pair<pipeline::Event, std::string>> events = {
      {pipeline::Began{}, "began"},       {pipeline::Planned{}, "planned"},
      {pipeline::Done{}, "done"},         {pipeline::Skipped{}, "skipped"},
      {pipeline::Failed{}, "failed"},     {pipeline::Warning{}, "warning"},
      {pipeline::Progress{}, "progress"}, {pipeline::Ended{}, "ended"},
      {pipeline::BatchEnded{}, "batch"},  {pipeline::BatchChanged{}, "batch_changed"}};
  for (const auto& [event, name] : events) EXPECT_EQ(nlohmann::json::parse(dump(to_json(event)))["event"], name);
}

// What the printer says of a job, as one text.
std::string spoken(const std::vector<pipeline::Event>& events, TerminalPrinter::Options options) {
  char* text = nullptr;
  std::size_t size = 0;
  options.out = ::open_memstream(&text, &size);
  TerminalPrinter printer(options);
  for (const pipeline::Event& event : events) printer(event);
  std::fclose(options.out);
  const std::string all(text, size);
  std::free(text);
  return all;
}

TEST(Terminal, TheSummaryIsTwoLines) {
  pipeline::Ended ended;
  ended.total = ended.done = 2;
  ended.elapsed_s = 4;
  ended.rate = 0.5;
  ended.model = "starter";
  ended.bottleneck = "encode";
  ended.devices.push_back({.device = "cpu", .session = {.backend = "openvino", .device = "cpu"}});
  const std::vector<pipeline::Event> events = {pipeline::Done{"a.jpg", {"/out/x/a.png"}},
                                               pipeline::Done{"b.jpg", {"/out/y/b.png", "/out/y/b_mask.png"}}, ended};
  EXPECT_EQ(spoken(events, {.live = false}),
            "2 done, 0 skipped, 0 failed of 2 in 4.00 s (0.5 img/s)  Success rate: 100.0%\n"
            "results in /out/; starter ran on cpu (openvino, fp32)\n");
  EXPECT_NE(spoken(events, {.verbose = true, .live = false}).find("bottleneck encode"), std::string::npos);
  const std::string one = spoken({pipeline::Skipped{"a.jpg", {"/out/a.png"}}, pipeline::Ended{}}, {.live = false});
  EXPECT_NE(one.find("\nresult: /out/a.png\n"), std::string::npos) << one;
}

TEST(Terminal, SaysWhatAUserNeeds) {
  pipeline::Progress progress;
  progress.total = 50;
  progress.done = 21;
  progress.elapsed_s = 11;
  pipeline::Ended ended;
  ended.total = 50;
  ended.done = 49;
  ended.failed = 1;
  const std::vector<pipeline::Event> events = {
      progress, pipeline::Failed{"x.jpg", ErrorCode::corrupt, "x.jpg is damaged", "copy it again"}, ended};
  const std::string text = spoken(events, {.live = false});
  EXPECT_NE(text.find("Progress: 42.0% (21/50)"), std::string::npos) << text;
  EXPECT_NE(text.find("x.jpg is damaged (copy it again)"), std::string::npos) << text;
  EXPECT_NE(text.find("Success rate: 98.0%"), std::string::npos) << text;
  EXPECT_EQ(text.find('\r'), std::string::npos);
  EXPECT_EQ(spoken(events, {.quiet = true, .live = false}), "pixmill: failed: x.jpg is damaged (copy it again)\n");
  EXPECT_NE(spoken({progress}, {.live = true}).find("42.0% (21/50)"), std::string::npos);
}

TEST(Terminal, TellsOfBatchesWhenAsked) {
  const pipeline::BatchEnded batch{"cuda:0", 8, 100.0, 80.0, 75.5, std::int64_t{512} << 20, 42};
  const std::vector<pipeline::Event> events = {batch, pipeline::BatchChanged{"cuda:0", 4, 8},
                                               pipeline::BatchChanged{"cuda:0", 8, 2, "more do not fit"}};
  EXPECT_EQ(spoken(events, {.live = false}), "");
  const std::string text = spoken(events, {.verbose = true, .live = false});
  EXPECT_NE(text.find("Batch 42: 80.0 img/s | Avg: 75.5 img/s | Memory: 512.0 MiB"), std::string::npos) << text;
  EXPECT_NE(text.find("Increased batch size to 8 on cuda:0 (was 4)"), std::string::npos) << text;
  EXPECT_NE(text.find("Decreased batch size to 2 on cuda:0 (was 8): more do not fit"), std::string::npos) << text;
}

TEST(Terminal, SaysThatThereIsNoData) {
  pipeline::Ended ended;
  ended.total = ended.skipped = 3;
  EXPECT_NE(spoken({ended}, {.verbose = true, .live = false}).find("No data collected"), std::string::npos);
  EXPECT_EQ(spoken({ended}, {.live = false}).find("No data collected"), std::string::npos);
}

TEST(Terminal, SaysWhatALostDeviceLeft) {
  pipeline::Ended ended;
  ended.total = 1000;
  ended.done = 400;
  ended.failed = 1;
  ended.device_lost = true;
  ended.stopped_because = "cuda:0 no longer works: the driver was reset";
  const std::string text = spoken({ended}, {.live = false});
  EXPECT_NE(text.find("599 unfinished"), std::string::npos) << text;
  EXPECT_NE(text.find("stopped: cuda:0 no longer works: the driver was reset"), std::string::npos) << text;
  EXPECT_EQ(exit_code(ended), kSomeFailed);
  ended.done = 0;
  EXPECT_EQ(exit_code(ended), kWrongUsage) << "nothing could run";
  ended.skipped = 1;
  EXPECT_EQ(exit_code(ended), kSomeFailed);
}

TEST(Reports, JsonHasTheBatchesAndIsBounded) {
  const testing::TemporaryFolder folder;
  const auto file = folder / "report.json";
  {
    Report report(file, false);
    for (int i = 0; i < 20'000; ++i) report(pipeline::BatchEnded{"cpu", 1, 1.0, 1000.0, 1000.0, 1, i});
    report(pipeline::BatchChanged{"cpu", 1, 2});
    pipeline::Ended ended;
    ended.batches = 20'000;
    ended.peak_rate = 12.5;
    ended.average_memory_bytes = 77;
    report(ended);
  }
  const auto json = nlohmann::json::parse(testing::file_text(file));
  EXPECT_GT(json["batches"].size(), 1000U);
  EXPECT_LE(json["batches"].size(), 4096U);
  EXPECT_EQ(json["batches"][0]["batches"], 0);
  EXPECT_GT(json["batches"].back()["batches"], 19'000);
  EXPECT_EQ(json["batch_changes"][0]["to"], 2);
  EXPECT_EQ(json["summary"]["batch_count"], 20'000);
  EXPECT_EQ(json["summary"]["peak_rate"], 12.5);
  EXPECT_EQ(json["summary"]["average_memory_bytes"], 77);
}

}  // namespace
}  // namespace pixmill::cli
