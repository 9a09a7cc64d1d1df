#include "cli/output/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "cli/output/live_line.h"
#include "cli/output/text.h"
#include "pixmill/core/unicode.h"
#include "pixmill/platform/files.h"

namespace pixmill::cli {
namespace {

using pipeline::Ended;
using pipeline::Progress;

constexpr double kQuietInterval = 10.0;  // seconds between lines without a live line
constexpr std::size_t kFailuresShown = 20;
constexpr int kBarWidth = 20;

template <typename... Arguments>
std::string format(const char* pattern, Arguments... arguments) {
  char text[512];
  std::snprintf(text, sizeof text, pattern, arguments...);
  return text;
}

std::string counts(const Progress& progress) {
  return format("%.1f%% (", progress.percentage()) +
         std::to_string(progress.done + progress.skipped + progress.failed) + "/" + std::to_string(progress.total) +
         ")";
}

std::string pace(const Progress& progress) {
  std::string text;
  if (progress.rate > 0) text += format("  %.1f img/s", progress.rate);
  if (progress.eta_s >= 0) text += "  ETA " + clock_text(progress.eta_s);
  if (progress.failed > 0) text += format("  %lld failed", static_cast<long long>(progress.failed));
  return text;
}

std::string session_text(const std::string& model, const runtime::SessionInfo& session) {
  return model + " on " + session.device + " (" + session.backend + " " + session.backend_version + ", " +
         std::string(runtime::name_of(session.precision)) +
         format(", %d x %d threads requested", session.streams, session.threads);
}

std::string tuned_text(const std::string& date) {
  return date.empty() ? "" : ", tuned " + date;
}

// What ran on one device: model, device, backend, precision, requested streams and threads, placement.
std::string share_line(const Ended& ended, const pipeline::DeviceShare& share) {
  std::string text = session_text(ended.model, share.session);
  if (share.batch > 1) text += format(", batch %d", share.batch);
  text += tuned_text(ended.tuned) + ")";
  for (const auto& [provider, nodes] : share.session.placement)
    text += format(", %d nodes on %s", nodes, provider.c_str());
  return text;
}

// "a=1 b=2", as the runtime reports them.
std::string options_text(const std::map<std::string, std::string>& options) {
  std::string text;
  for (const auto& [name, value] : options) text.append(text.empty() ? "" : " ").append(name).append("=").append(value);
  return text;
}

// "batches are faster here: ...; 1: 98.0 img/s, 2: 160.2 img/s"
std::string batching_line(const Ended& ended) {
  std::string text = ended.batching;
  const char* separator = " (";
  for (const pipeline::BatchTrial& trial : ended.devices.front().batches) {
    text += format("%s%d: %.1f img/s", std::exchange(separator, ", "), trial.size, trial.rate);
  }
  return text + ")";
}

std::string batch_changed_line(const pipeline::BatchChanged& event) {
  return std::string(event.to > event.from ? "Increased" : "Decreased") + " batch size to " + std::to_string(event.to) +
         " on " + printable(event.device) + format(" (was %d)", event.from) +
         (event.reason.empty() ? "" : ": " + event.reason);
}

std::string batch_line(const pipeline::BatchEnded& event) {
  return format("Batch %lld: %.1f img/s | Avg: %.1f img/s | Memory: ", static_cast<long long>(event.batches),
                event.rate, event.average_rate) +
         bytes_text(event.memory_bytes) + format(" | %d at once on ", event.pictures) + printable(event.device);
}

}  // namespace

std::string printable(std::string_view text) {
  std::string safe;
  for (std::size_t at = 0; at < text.size();) {
    const Character character = character_at(text, at);
    const std::string_view bytes = text.substr(at, character.bytes);
    if (character.valid && !is_control(character.code)) {
      safe += bytes;
    } else {
      for (const char byte : bytes) safe += format("\\x%02x", static_cast<unsigned char>(byte));
    }
    at += character.bytes;
  }
  return safe;
}

int terminal_width(std::FILE* out) {
  winsize size{};
  return ::ioctl(::fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::string clock_text(double seconds) {
  if (seconds < 0) return "-";
  const int whole = static_cast<int>(std::min(std::ceil(seconds), 1e9));
  const int hours = whole / 3600;
  return hours > 0 ? format("%d:%02d:%02d", hours, whole / 60 % 60, whole % 60)
                   : format("%d:%02d", whole / 60, whole % 60);
}

std::string cache_text(const pipeline::CacheUse& use) {
  const auto of = [](std::int64_t hits, std::int64_t misses) {
    return std::to_string(hits) + " of " + std::to_string(hits + misses);
  };
  std::string text = "results off";
  if (use.results_on) {
    text = of(use.result_hits, use.result_misses) + " inferences";
    if (use.bytes_read > 0) text += " (" + bytes_text(use.bytes_read) + ")";
    if (use.results_kept > 0)
      text += ", " + std::to_string(use.results_kept) + " kept (" + bytes_text(use.bytes_written) + ")";
  }
  return text + ", " + of(use.session_hits, use.session_misses) + " models";
}

void TerminalPrinter::clear_live() {
  if (!live_shown_) return;
  std::fputs(kEraseLine, options_.out);
  live_shown_ = false;
}

void TerminalPrinter::line(const std::string& text) {
  clear_live();
  std::fprintf(options_.out, "%s\n", text.c_str());
  std::fflush(options_.out);
}

void TerminalPrinter::draw(const Progress& progress) {
  if (options_.quiet) return;
  if (options_.live) {
    const int width = terminal_width(options_.out) - 1;
    const std::string numbers = counts(progress) + pace(progress);
    const int room = width - static_cast<int>(numbers.size());
    std::string text;
    if (room > kBarWidth) {
      const int filled = static_cast<int>(progress.percentage() / 100.0 * kBarWidth);
      for (int i = 0; i < kBarWidth; ++i) text += i < filled ? "█" : "░";
      text += " ";
    }
    text += numbers.substr(0, static_cast<std::size_t>(std::max(0, width)));
    const int left = room - kBarWidth - 3;
    if (left > 8) text += "  " + tail_of(printable(progress.current.filename().string()), left);
    std::fprintf(options_.out, "%s%s", kEraseLine, text.c_str());
    std::fflush(options_.out);
    live_shown_ = true;
  } else if (progress.elapsed_s - last_line_s_ >= kQuietInterval) {
    last_line_s_ = progress.elapsed_s;
    line("Progress: " + counts(progress) + pace(progress));
  }
}

void TerminalPrinter::operator()(const pipeline::Event& event) {
  if (const auto* progress = std::get_if<Progress>(&event)) {
    draw(*progress);
  } else if (const auto* began = std::get_if<pipeline::Began>(&event)) {
    dry_run_ = began->dry_run;
    if (!dry_run_) return;
    for (const runtime::SessionInfo& session : began->devices)
      line("would run " + printable(session_text(began->model, session)) + tuned_text(began->tuned) + ")");
  } else if (const auto* failed = std::get_if<pipeline::Failed>(&event)) {
    ++failure_count_;
    if (failures_.size() < kFailuresShown) failures_.push_back(*failed);
    line("pixmill: failed: " + printable(failed->message) +
         (failed->hint.empty() ? "" : " (" + printable(failed->hint) + ")"));
  } else if (const auto* warning = std::get_if<pipeline::Warning>(&event)) {
    if (!options_.quiet) line("pixmill: " + printable(warning->message));
  } else if (const auto* planned = std::get_if<pipeline::Planned>(&event)) {
    ++planned_[planned->action];
    std::string text = planned->action + "  " + printable(planned->input.string());
    for (const auto& output : planned->outputs) text += " -> " + printable(output.string());
    line(planned->reason.empty() ? text : text + "  (" + printable(planned->reason) + ")");
  } else if (const auto* done = std::get_if<pipeline::Done>(&event)) {
    note_outputs(done->outputs);
    for (const std::string& note : done->notes) {
      if (!options_.quiet) line(printable(done->input.string()) + ": " + printable(note));
    }
    if (!options_.verbose) return;
    std::string text = printable(done->input.string()) + " | " + format("%dx%d", done->size.width, done->size.height);
    for (std::size_t i = 0; i < pipeline::kStages; ++i) {
      text += format(" | %s %.1f ms", std::string(pipeline::name_of(static_cast<pipeline::Stage>(i))).c_str(),
                     done->times[i]);
    }
    line(text);
  } else if (const auto* changed = std::get_if<pipeline::BatchChanged>(&event)) {
    if (options_.verbose) line(batch_changed_line(*changed));
  } else if (const auto* batch = std::get_if<pipeline::BatchEnded>(&event)) {
    if (options_.verbose) line(batch_line(*batch));
  } else if (const auto* skipped = std::get_if<pipeline::Skipped>(&event)) {
    note_outputs(skipped->outputs);
    if (options_.verbose) line(printable(skipped->input.string()) + " | " + skipped->reason);
  } else if (const auto* exported = std::get_if<pipeline::Exported>(&event)) {
    for (const pipeline::Failed& one : exported->failed)
      line("pixmill: failed: " + printable(one.message) + (one.hint.empty() ? "" : " (" + printable(one.hint) + ")"));
    if (!options_.quiet) line(export_text(*exported));
  } else if (const auto* ended = std::get_if<Ended>(&event)) {
    clear_live();
    if (dry_run_) {
      line(format("%d to write, %d to skip, %d refused; nothing was done", planned_["write"], planned_["skip"],
                  planned_["refuse"] + static_cast<int>(ended->failed)));
    } else if (!options_.quiet) {
      summary(*ended);
    }
  }
}

// Where the results lie: the file where there is one, else the folder that holds all of them.
void TerminalPrinter::note_outputs(const std::vector<std::filesystem::path>& outputs) {
  for (const std::filesystem::path& output : outputs) {
    if (output == "-") continue;
    if (results_++ == 0) {
      place_ = output;
      continue;
    }
    if (results_ == 2) place_ = place_.parent_path();
    while (!place_.empty() && place_ != place_.root_path() && !platform::lies_in(output, place_))
      place_ = place_.parent_path();
  }
}

// The second line: "results in cut/; starter ran on cpu (openvino, bf16)".
std::string TerminalPrinter::place_and_device(const Ended& ended) const {
  std::string text;
  if (results_ > 0) {
    const std::filesystem::path near = place_.lexically_proximate(std::filesystem::current_path());
    const bool above = !near.empty() && *near.begin() == "..";
    text = (results_ == 1 ? "result: " : "results in ") + printable((above ? place_ : near).string()) +
           (results_ == 1 ? "" : "/");
  }
  if (ended.done == 0) return text;
  text += text.empty() ? "" : "; ";
  if (ended.devices.empty()) return text + "no inference was needed";
  text += printable(ended.model) + " ran on ";
  for (const pipeline::DeviceShare& share : ended.devices) {
    if (&share != &ended.devices.front()) text += ", ";
    text += printable(share.session.device) + " (" + share.session.backend + ", " +
            std::string(runtime::name_of(share.session.precision)) + ")";
  }
  return text;
}

// "12 of 50 pictures meet the rule; 48 (96.0 %) were known before"
std::string TerminalPrinter::chosen_text(const pipeline::Chosen& chosen) const {
  std::string text = std::to_string(chosen.hits) + " of " + count_text(chosen.asked, "picture") +
                     (chosen.asked == 1 ? " meets" : " meet") + " the rule";
  if (options_.verbose && chosen.asked > 0)
    text += format("; %lld (%.1f %%) were known before", static_cast<long long>(chosen.known),
                   100.0 * static_cast<double>(chosen.known) / static_cast<double>(chosen.asked));
  return text;
}

void TerminalPrinter::summary(const Ended& ended) {
  const bool all_known = ended.chosen && ended.done + ended.failed + ended.unfinished() == 0;
  if (!all_known)
    line(format("%lld done, %lld skipped, %lld failed of %lld in %s (%.1f img/s)  Success rate: %.1f%%",
                static_cast<long long>(ended.done), static_cast<long long>(ended.skipped),
                static_cast<long long>(ended.failed), static_cast<long long>(ended.total),
                ended.elapsed_s < 60 ? format("%.2f s", ended.elapsed_s).c_str() : clock_text(ended.elapsed_s).c_str(),
                ended.rate, ended.success_rate()));
  if (ended.chosen) line(chosen_text(*ended.chosen));
  if (const std::string second = place_and_device(ended); !second.empty()) line(second);
  if (options_.verbose && ended.done > 0) details(ended);
  if (options_.verbose && ended.done == 0) line("  No data collected: nothing was done");
  if (options_.live && failure_count_ > 1) {  // elsewhere they stand a few lines above
    line(format("  %lld failed:", static_cast<long long>(failure_count_)));
    for (const pipeline::Failed& failed : failures_) line("    " + printable(failed.message));
    if (failure_count_ > static_cast<std::int64_t>(failures_.size())) {
      line(format("    and %lld more; --report FILE.csv lists them all",
                  static_cast<long long>(failure_count_) - static_cast<long long>(failures_.size())));
    }
  }
  if (ended.exports_failed > 0)
    line(count_text(ended.exports_failed, "file") + " could not be made of what was found; the reasons are above");
  if (ended.unfinished() > 0)
    line(format("%lld unfinished, left for the next run", static_cast<long long>(ended.unfinished())));
  if (ended.interrupted) line("interrupted; the same command resumes from here");
  if (!ended.stopped_because.empty()) line("stopped: " + ended.stopped_because);
}

// "24 tiles; 1310720 pixels inferred; 1048576 pixels enhanced"
std::string TerminalPrinter::tallies_text(const Ended& ended) {
  std::string text;
  for (const auto& [name, count] : ended.tallies)
    text += (text.empty() ? "" : "; ") + std::to_string(count) + " " + printable(name);
  return text;
}

// What --verbose adds: how each device ran it, times by stage, memory, caches.
void TerminalPrinter::details(const Ended& ended) {
  for (const pipeline::DeviceShare& share : ended.devices) {
    const std::string count = ended.devices.size() == 1 ? "" : std::to_string(share.pictures) + " by ";
    line("  " + count + printable(share_line(ended, share)));
    if (!share.session.options.empty()) line("  options: " + printable(options_text(share.session.options)));
  }
  if (!ended.batching.empty()) line("  " + batching_line(ended));
  std::string times = "  per picture:";
  for (std::size_t i = 0; i < pipeline::kStages; ++i) {
    times += format(" %s %.1f", std::string(pipeline::name_of(static_cast<pipeline::Stage>(i))).c_str(),
                    ended.times[i] / static_cast<double>(ended.done));
  }
  line(times + " ms; peak memory " + bytes_text(ended.peak_memory_bytes) +
       (ended.bottleneck.empty() ? "" : "; bottleneck " + ended.bottleneck));
  if (!ended.tallies.empty()) line("  " + tallies_text(ended));
  line("  from caches: " + cache_text(ended.cache));
  line("  " + std::to_string(ended.batches) + (ended.batches == 1 ? " batch" : " batches") +
       format("; peak %.1f img/s; average memory ", ended.peak_rate) + bytes_text(ended.average_memory_bytes));
}

}  // namespace pixmill::cli
