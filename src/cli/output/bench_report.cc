#include "cli/output/bench_report.h"

#include "cli/output/bench_page.h"
#include "cli/output/bench_tables.h"
#include "cli/output/machine_text.h"
#include "cli/output/report_page.h"
#include "cli/output_file.h"

namespace pixmill::cli {

void write_bench_report(const measure::Bench& bench, const std::filesystem::path& file, bool overwrite) {
  const std::string ending = file.extension().string();
  write_output_file("--report", file,
                    ending == ".json"  ? measure::bench_json(bench) + "\n"
                    : ending == ".csv" ? measure::bench_csv(bench)
                                       : bench_html(bench),
                    overwrite);
}

std::string bench_html(const measure::Bench& bench) {
  std::vector<Table> all = tables(bench);
  all.push_back(runs_table(bench));
  return html_of(ReportPage{.command = "bench",
                            .title = bench.job,
                            .heading = heading(bench),
                            .sentences = verdict(bench),
                            .facts = {{"Command", "<code>" + page_text(bench.command) + "</code>"},
                                      {"Machine", page_text(text_of(bench.machine))},
                                      {"Date", page_text(bench.date)}},
                            .tables = std::move(all),
                            .data = measure::bench_json(bench),
                            .script = bench_page().script});
}

}  // namespace pixmill::cli
