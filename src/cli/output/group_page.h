// Groups of pictures that look alike side by side, as a page.
#pragma once

#include "cli/output/group_list.h"
#include "cli/output/picture_page.h"

namespace pixmill::cli {

// Borrows the groups.
PicturePage page_of(const std::vector<Group>& groups);

}  // namespace pixmill::cli
