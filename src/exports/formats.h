// The formats: one file each, one row each in exports.cc.
#pragma once

#include <memory>

#include "pixmill/exports/export.h"

namespace pixmill::exports {

std::unique_ptr<Exporter> make_yolo(const config::Values& values);
std::unique_ptr<Exporter> make_darknet(const config::Values& values);
std::unique_ptr<Exporter> make_coco(const config::Values& values);
std::unique_ptr<Exporter> make_voc(const config::Values& values);
std::unique_ptr<Exporter> make_labelme(const config::Values& values);
std::unique_ptr<Exporter> make_createml(const config::Values& values);
std::unique_ptr<Exporter> make_cvat(const config::Values& values);
std::unique_ptr<Exporter> make_label_studio(const config::Values& values);
std::unique_ptr<Exporter> make_csv(const config::Values& values);
std::unique_ptr<Exporter> make_jsonl(const config::Values& values);
std::unique_ptr<Exporter> make_masks(const config::Values& values);

const std::vector<config::Flag>& label_studio_flags();
const std::vector<config::Flag>& jsonl_flags();

const std::vector<config::Flag>& drawn_flags();
std::unique_ptr<Exporter> make_drawn(const config::Values& values);
const std::vector<config::Flag>& crops_flags();
std::unique_ptr<Exporter> make_crops(const config::Values& values);
std::unique_ptr<Exporter> make_sheet(const config::Values& values);

std::unique_ptr<Exporter> make_npy(const config::Values& values);
std::unique_ptr<Exporter> make_npz(const config::Values& values);
std::unique_ptr<Exporter> make_faiss(const config::Values& values);
std::unique_ptr<Exporter> make_vector_csv(const config::Values& values);
std::unique_ptr<Exporter> make_vector_jsonl(const config::Values& values);
std::unique_ptr<Exporter> make_vector_paths(const config::Values& values);

const std::vector<config::Flag>& mask_export_flags();
Making prepare_mask(const config::Values& values);
std::string mask_names(const config::Values& values);
std::vector<std::string> masks_among_photos(const config::Values& values);
Making prepare_overlay(const config::Values& values);

}  // namespace pixmill::exports
