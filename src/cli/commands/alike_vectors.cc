#include "cli/commands/alike_vectors.h"

#include <cstdint>
#include <span>
#include <string>

#include "cli/commands/indexing.h"
#include "cli/output/live_line.h"
#include "pixmill/core/half_rows.h"
#include "pixmill/tasks/embed.h"
#include "pixmill/vectors/sorted_lists.h"

namespace pixmill::cli {

std::vector<tasks::AlikePair> alike_by_vectors(const pipeline::Recorded& recorded,
                                               const std::vector<std::size_t>& pictures, const Values& values) {
  std::vector<std::uint16_t> halves;
  std::vector<std::uint32_t> of;  // the place in `pictures` of each
  std::size_t columns = 0, next = 0;
  recorded.each(tasks::kEmbedding, [&](std::size_t index, const pipeline::StoredRecord& record) {
    while (next < pictures.size() && pictures[next] < index) ++next;
    if (next == pictures.size() || pictures[next] != index) return;
    std::vector<float> vector = tasks::unpack_embedding(record.kind, record.body, recorded.at(index).path.string());
    if (columns == 0) columns = vector.size();
    if (vector.size() != columns) return;
    vectors::normalise(vector);
    halves.resize(halves.size() + columns);
    narrow(vector, std::span(halves).last(columns));
    of.push_back(static_cast<std::uint32_t>(next));
  });
  if (of.empty()) return {};
  LiveLine line(!values.on("quiet") && !values.on("json"));
  const auto similarity = static_cast<float>(values.real("similarity"));
  std::vector<tasks::AlikePair> pairs = vectors::alike_pairs({halves, columns}, similarity, shown_on(line, "vectors"));
  for (tasks::AlikePair& pair : pairs) pair = {of[pair.first], of[pair.second]};
  return pairs;
}

}  // namespace pixmill::cli
