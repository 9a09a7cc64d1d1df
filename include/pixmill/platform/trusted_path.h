// Whether code may be loaded from a path: only where no other user can write.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>

#include "pixmill/core/error.h"

namespace pixmill::platform {

// Why other users could change the file or folder, or what `path` means: it, a folder on the way to it or a link
// belongs to somebody else, or others may write there. The message names the path, the hint says how to fix it.
// Nothing where they cannot, and for missing paths below folders that they cannot change.
//
// The user of this process and root are trusted, and `owner` where one is named (the owner of a program: who can
// replace that needs no other way in). A group that may write is one of others, but for the group of root and the
// user's own, which has no other member. A folder that all may write to is passed through where it is sticky, as /tmp
// is; code does not lie in it directly. Of a file, the folder that it lies in is looked at as the file itself: a
// library opens what lies beside it.
std::optional<Error> refusal_of(const std::filesystem::path& path, std::optional<uid_t> owner = {});

// Throws that Error{unreadable}.
void require_trusted(const std::filesystem::path& path, std::optional<uid_t> owner = {});

// A folder for code, made where it is missing: for this user alone, those above it open to be read as the umask has
// it and written by no other user. Throws Error: unwritable, disk_full, and what require_trusted() throws.
void make_trusted_folder(const std::filesystem::path& path);

}  // namespace pixmill::platform
