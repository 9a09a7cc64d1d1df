// Outputs of graphs that choose the boxes themselves: nothing overlaps.
#include "tasks/detect/decoders.h"

namespace pixmill::tasks {
namespace {

// Which of a row's values say what.
struct Columns {
  std::size_t left, score, label;
};

Decoded read_rows(const models::ModelCard& card, const Tensor& table, const Columns& columns, float confidence) {
  const auto wide = static_cast<std::size_t>(table.shape().back());
  const std::span<const float> values = table.as<float>();
  Decoded found{{}, static_cast<int>(card.output.classes.size())};
  for (std::size_t at = 0; at + wide <= values.size(); at += wide) {
    const float *box = &values[at + columns.left], score = values[at + columns.score];
    if (!(score >= confidence)) continue;
    found.boxes.push_back({box[0], box[1], box[2], box[3], score, label_from(card, values[at + columns.label], found)});
    found.rows.push_back(static_cast<std::int64_t>(at / wide));
  }
  return found;
}

bool is_box_list(const Tensor& tensor) {
  return tensor.shape().size() == 3 && tensor.shape()[2] == 4;
}

// The first `count` of `boxes` [1, n, 4] with `scores` and `labels` [1, n].
Decoded read_lists(const models::ModelCard& card, const Tensor& boxes, const Tensor& scores, const Tensor& labels,
                   std::size_t count, float confidence) {
  require_readable(card, is_box_list(boxes) && boxes.size() == 4 * scores.size() && scores.size() == labels.size());
  const std::span<const float> sides = boxes.as<float>(), score = scores.as<float>(), label = labels.as<float>();
  Decoded found{{}, static_cast<int>(card.output.classes.size())};
  for (std::size_t i = 0; i < std::min(count, score.size()); ++i) {
    if (!(score[i] >= confidence)) continue;
    const float* box = &sides[4 * i];
    found.boxes.push_back({box[0], box[1], box[2], box[3], score[i], label_from(card, label[i], found)});
  }
  return found;
}

}  // namespace

// [1, boxes, 6 (+ mask coefficients)]: left, top, right, bottom, score, class. YOLOv10, YOLO26, exports of Ultralytics
// with NMS inside (ultralytics/ultralytics:ultralytics/engine/exporter.py, NMSModel), which end with rows of zeros.
Decoded decode_end_to_end(const models::ModelCard& card, std::span<const Tensor> outputs, float confidence) {
  const std::vector<std::int64_t>& shape = outputs[0].shape();
  require_readable(card, shape.size() == 3 && shape[2] == 6 + mask_coefficients(outputs));
  return read_rows(card, outputs[0], {.left = 0, .score = 4, .label = 5}, confidence);
}

// [boxes of all pictures, 7]: picture, left, top, right, bottom, class, score
// (WongKinYiu/yolov7:models/experimental.py, ONNX_ORT).
Decoded decode_yolov7(const models::ModelCard& card, std::span<const Tensor> outputs, float confidence) {
  const std::vector<std::int64_t>& shape = outputs[0].shape();
  require_readable(card, shape.size() == 2 && shape[1] == 7);
  return read_rows(card, outputs[0], {.left = 1, .score = 6, .label = 5}, confidence);
}

// Labels [1, n], boxes [1, n, 4] (left, top, right, bottom), scores [1, n]: RT-DETR and D-FINE with their
// postprocessors, in pixels of the size that the second input gives
// (lyuwenyu/RT-DETR:rtdetrv2_pytorch/tools/export_onnx.py, src/zoo/rtdetr/rtdetr_postprocessor.py;
// Peterande/D-FINE:tools/deployment/export_onnx.py, src/zoo/dfine/postprocessor.py).
Decoded decode_listed(const models::ModelCard& card, std::span<const Tensor> outputs, float confidence) {
  const auto all = static_cast<std::size_t>(outputs[0].size());
  return read_lists(card, outputs[1], outputs[2], outputs[0], all, confidence);
}

// How many boxes count [1, 1], boxes [1, n, 4], scores [1, n], labels [1, n]: what the operator EfficientNMS gives
// (NVIDIA/TensorRT:plugin/efficientNMSPlugin/README.md), and exports that imitate it.
Decoded decode_counted(const models::ModelCard& card, std::span<const Tensor> outputs, float confidence) {
  require_readable(card, outputs[0].size() == 1);
  const float count = outputs[0].as<float>()[0];
  require_readable(card, count >= 0 && count <= static_cast<float>(outputs[2].size()));
  return read_lists(card, outputs[1], outputs[2], outputs[3], static_cast<std::size_t>(count), confidence);
}

}  // namespace pixmill::tasks
