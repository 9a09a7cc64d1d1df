// What an index answered: to each query the pictures that are most like it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/output/hit_list.h"
#include "cli/output/picture_page.h"
#include "pixmill/pipeline/vector_index.h"

namespace pixmill::cli {

struct Answer {
  std::string query;    // a picture as the user named it, or a text
  bool picture = true;  // which of both
  std::vector<pipeline::VectorIndex::Hit> hits;
};

struct SimilarList {
  ListFormat format = ListFormat::text;
  bool paths_alone = false;  // in text
  char end = '\n';           // of such a path
};

//   text: similarity and path a line, the best first; of several queries the query before, and an empty line between.
//   csv: query,rank,similarity,path.
//   json: queries: query, kind (picture or text), hits: path, similarity.
void write_answers(const SimilarList& list, const std::vector<Answer>& answers,
                   const std::function<void(std::string_view)>& sink);

// Each query with its answers. Borrows them.
PicturePage page_of(const std::vector<Answer>& answers);

}  // namespace pixmill::cli
