// What the formats that show pictures share.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "pixmill/core/image.h"
#include "pixmill/exports/export.h"
#include "pixmill/tasks/detections.h"

namespace pixmill::exports {

// The picture of an entry as u8 RGB, of the size that its record tells. Throws Error: unsupported (it has another), and
// what PictureFile::pixels() throws.
Image picture_of(const Entry& entry, const tasks::Detections& record);

// Files as a Sink takes them. Throw what codecs::encode() throws.
std::string jpeg(ImageView picture, int quality);
std::string text_of(const std::vector<std::byte>& file);

// All of them in one list, as a row of the table wants it.
std::vector<config::Flag> flags_of(std::initializer_list<const std::vector<config::Flag>*> lists);

}  // namespace pixmill::exports
