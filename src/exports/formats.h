// The formats: one file each, one row each in exports.cc.
#pragma once

#include <memory>

#include "pixmill/exports/export.h"

namespace pixmill::exports {

std::unique_ptr<Exporter> make_yolo(const config::Values& values);
std::unique_ptr<Exporter> make_coco(const config::Values& values);

}  // namespace pixmill::exports
