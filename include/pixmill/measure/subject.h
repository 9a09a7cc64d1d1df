// A model and pictures preprocessed for it: the input of every measurement.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pixmill/core/image.h"
#include "pixmill/core/tensor.h"
#include "pixmill/models/model_store.h"
#include "pixmill/platform/home.h"
#include "pixmill/runtime/session.h"
#include "pixmill/tasks/task.h"

namespace pixmill::measure {

struct Subject {
  models::ResolvedModel model;
  ModelSignature signature = {};
  std::unique_ptr<tasks::Task> task = {};          // with its defaults; null for cards whose task no job does
  std::vector<int> wanted = {};                    // outputs that an inference answers; empty: all
  std::vector<std::string> names = {};             // of the pictures
  std::vector<Image> photos = {};                  // upright, sRGB, u8 RGB
  std::vector<Tensor> inputs = {};                 // of each picture, first dimension 1
  std::optional<models::ResolvedModel> int8 = {};  // the model's variant in that precision, where it has one

  // What is to be loaded: the model's file, for int8 that of its variant where there is one. Borrows from this subject.
  runtime::ModelSource source(runtime::Precision precision = runtime::Precision::fp32) const;

  // Whether several pictures fit into one inference.
  bool takes_batches() const;

  // The shape of the first input for so many pictures, for SessionOptions::shape; empty where pictures differ in it.
  std::vector<std::int64_t> shape(int batch) const;

  // So many inputs in one tensor, from picture `first` on, round and round.
  Tensor batch(std::size_t first, int count) const;
};

// `model`: an id or a path; a file that no card describes gets its pictures stretched to its size, RGB or luma, 0..1,
// and its card an empty task. `pictures`: files and folders as a job takes them, the first `limit` of them; with none,
// eight pictures drawn here: shapes on gradients with noise, the same at every call. Throws Error: not_found, bad_model
// (several inputs, or one that is no picture), and what reading the pictures throws.
Subject load_subject(const std::string& model, const std::vector<std::string>& pictures, std::size_t limit,
                     const platform::Home& home);

// A picture of that size out of `seed`: shapes with soft and hard edges on a gradient, and noise. RGB, u8.
Image drawn_picture(Size size, std::uint32_t seed);

}  // namespace pixmill::measure
