#include "cli/output/table.h"

#include <gtest/gtest.h>

#include "cli/output/report_page.h"

namespace pixmill::cli {
namespace {

const Table kTable{.title = "Classes",
                   .head = {"class", "things", "area"},
                   .rows = {{"person", "16", "4 %"}, {"f\u00FCnf <b>", "5", "10 %"}, {"x\ny", "0", "-"}},
                   .bars = 1};

TEST(Tables, NumbersAreToTheRightAndBarsAtTheEnd) {
  EXPECT_EQ(aligned(kTable),
            "Classes\n"
            "  class     things  area\n"
            "  person        16   4 %\n"
            "  f\u00FCnf <b>       5  10 %\n"
            "  x\\x0ay         0     -\n");
  EXPECT_EQ(aligned(kTable, 4),
            "Classes\n"
            "  class     things  area\n"
            "  person        16   4 %  ████\n"
            "  f\u00FCnf <b>       5  10 %  █▎\n"
            "  x\\x0ay         0     -\n");
}

TEST(Tables, APageHasBarsBehindTheNumbersAndNoMarkOfTheCells) {
  const std::string html = html_of(kTable);
  EXPECT_NE(html.find("<td class=\"n\" style=\"--length:31%\">5</td>"), std::string::npos) << html;
  EXPECT_NE(html.find("f\u00FCnf &lt;b&gt;"), std::string::npos);
}

TEST(ReportPages, NothingThatIsPutInIsTakenForATemplateOrAScript) {
  const std::string html = html_of(ReportPage{.command = "stats",
                                              .title = "<t>",
                                              .heading = "{{style}}",
                                              .sentences = {"a & b"},
                                              .facts = {{"Pictures", "<code>p</code>"}},
                                              .tables = {kTable},
                                              .data = "{\"name\": \"</script>\"}",
                                              .script = "run();"});
  for (const char* part : {"<title>pixmill stats: &lt;t&gt;</title>", "<h1>{{style}}</h1>", "<li>a &amp; b</li>",
                           "<dt>Pictures</dt><dd><code>p</code></dd>", "{\"name\": \"\\u003c/script>\"}", "run();"})
    EXPECT_NE(html.find(part), std::string::npos) << part;
}

}  // namespace
}  // namespace pixmill::cli
