// The table of jobs, a row each.
#include "pixmill/tasks/cutout.h"
#include "pixmill/tasks/detect.h"
#include "pixmill/tasks/detections.h"
#include "pixmill/tasks/embed.h"
#include "pixmill/tasks/job.h"
#include "pixmill/tasks/restore.h"
#include "pixmill/tasks/segment.h"
#include "tasks/cutout/job.h"
#include "tasks/dedup/job.h"
#include "tasks/denoise/job.h"
#include "tasks/detect/job.h"
#include "tasks/detections/finder.h"
#include "tasks/embed/job.h"
#include "tasks/filter/job.h"
#include "tasks/mask/job.h"
#include "tasks/segment/job.h"
#include "tasks/upscale/job.h"

namespace pixmill::tasks {
namespace {

constexpr std::string_view kSheetAlone[] = {"sheet"};
constexpr std::string_view kVectorFiles[] = {"npy", "npz", "faiss", "vector-paths", "vectors-csv", "vectors-jsonl"};
constexpr std::string_view kVectorModels[] = {"embed"};
constexpr std::string_view kPictures[] = {"mask", "overlay", "drawn", "crops", "sheet"};

constexpr Job kJobs[] = {
    {.name = "cutout",
     .summary = "remove the background of photographs",
     .example = "pixmill cutout photos/ -o cut/",
     .default_model = "starter",
     .flags = cutout_flags,
     .read = read_cutout,
     .make_default = [](models::ModelCard card) { return make_cutout(std::move(card), {}); }},
    {.name = "detect",
     .summary = "find things in photographs: boxes with names, for labels",
     .example = "pixmill detect photos/ -o labels/ --format yolo,coco",
     .default_model = "yolox-nano-416",
     .record_kind = kDetections,
     .flags = detect_flags,
     .read = read_detect,
     .make_default = [](models::ModelCard card) { return make_detect(std::move(card), {}); }},
    {.name = "segment",
     .summary = "find things in photographs: their shapes with names, for labels",
     .example = "pixmill segment photos/ -o labels/ --format yolo,coco",
     .default_model = "deeplab-v3-pascal",
     .record_kind = kDetections,
     .flags = segment_flags,
     .read = read_segment,
     .make_default = [](models::ModelCard card) { return make_segment(std::move(card), {}); }},
    {.name = "filter",
     .summary = "keep the photographs in which something is found, by a rule: list, copy, move or link them",
     .example = "pixmill filter photos/ --where 'person >= 2 and not car'",
     .default_model = "yolox-nano-416",
     .model_tasks = kFinders,
     .record_kind = kDetections,
     .formats = kSheetAlone,
     .chooses_pictures = true,
     .flags = filter_flags,
     .read = read_filter,
     .make_default = [](models::ModelCard card) { return make_finder(std::move(card), {}); }},
    {.name = "mask",
     .summary = "mask persons and what they carry, for programs of photogrammetry",
     .example = "pixmill mask photos/ -o masks/ --profile colmap",
     .default_model = "deeplab-v3-pascal",
     .model_tasks = kFinders,
     .record_kind = kDetections,
     .formats = kPictures,
     .flags = mask_job_flags,
     .read = read_mask,
     .make_default = [](models::ModelCard card) { return make_finder(std::move(card), {}); }},
    {.name = "upscale",
     .summary = "enlarge photographs: sharp, in tiles without seams, of any size",
     .example = "pixmill upscale photos/ -o big/",
     .default_model = "starter-upscale-x2",
     .flags = upscale_flags,
     .read = read_upscale,
     .make_default = [](models::ModelCard card) { return make_restore(std::move(card), {}); }},
    {.name = "denoise",
     .summary = "take the noise out of photographs",
     .example = "pixmill denoise photos/ -o clean/",
     .default_model = "starter-denoise",
     .flags = denoise_flags,
     .read = read_denoise,
     .make_default = [](models::ModelCard card) { return make_restore(std::move(card), {}); }},
    {.name = "embed",
     .summary = "feature vectors of photographs, to search and compare them",
     .example = "pixmill embed photos/ -o vectors.npy",
     .record_kind = kEmbedding,
     .formats = kVectorFiles,
     .flags = embed_flags,
     .read = read_embed,
     .make_default = [](models::ModelCard card) { return make_embed(std::move(card)); }},
    {.name = "dedup",
     .summary = "photographs that are there several times, or nearly: list them, move them away",
     .example = "pixmill dedup photos/",
     .model_tasks = kVectorModels,
     .runs_model = false,
     .may_run_model = true,
     .chooses_pictures = true,
     .groups_pictures = true,
     .flags = dedup_flags,
     .read = read_dedup},
};

}  // namespace

std::span<const Job> jobs() {
  return kJobs;
}

}  // namespace pixmill::tasks
