// Lists that jobs make of chosen pictures: their format, and where they go.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "cli/output/hit_list.h"
#include "cli/parse.h"
#include "pixmill/pipeline/job.h"
#include "pixmill/pipeline/transfer.h"

namespace pixmill::cli {

// --format, or what the name of the file says.
ListFormat list_format_of(const Values& values);

bool to_standard_output(const Values& values);

// A picture there has no name to list. Throws Error{usage}.
void refuse_standard_input(const pipeline::JobSpec& spec);

// Of --to; none where the list is all. Throws Error{usage} where there is no folder for it, or two want standard
// output, and what require_target() throws.
std::optional<pipeline::TransferAction> transfer_action_of(const Values& values);

// To standard output, or to -o FILE. Throws as write_job_file() does.
void write_list(const Invocation& invocation, const pipeline::JobSpec& spec, pipeline::Catalogue& catalogue,
                const std::vector<std::filesystem::path>& roots,
                const std::function<void(const std::function<void(std::string_view)>&)>& make);

}  // namespace pixmill::cli
