#include "measure/quantize/judge.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "pixmill/core/error.h"
#include "pixmill/measure/timing.h"
#include "pixmill/runtime/devices.h"
#include "pixmill/tasks/comparison.h"

namespace pixmill::measure {
namespace {

constexpr int kRounds = 4;

// The two that run quantised models fast, as far as they are here and the card allows them.
std::vector<std::string> usable_backends(const models::ModelCard& card) {
  std::vector<std::string> names;
  for (const runtime::BackendStatus& backend : runtime::backends()) {
    const bool known = backend.name == "onnxruntime" || backend.name == "openvino";
    const auto& deny = card.runtime.deny;
    if (known && !backend.version.empty() && std::find(deny.begin(), deny.end(), backend.name) == deny.end()) {
      names.push_back(backend.name);
    }
  }
  if (names.empty()) {
    throw Error(ErrorCode::no_device, "neither ONNX Runtime nor OpenVINO can run this model here", "pixmill devices");
  }
  return names;
}

runtime::ModelSource source(const std::filesystem::path& path, const models::ModelData& data) {
  return {path.string(), data.bytes(), {}};
}

}  // namespace

QuantizeJudge::QuantizeJudge(const Subject& base, TrueMasks truth, const std::atomic<bool>& stop)
    : base_(base), truth_(std::move(truth)), stop_(stop), backends_(usable_backends(base.model.card)) {
  const auto session = load(base_.source(), backends_.front(), runtime::Precision::fp32);
  reference_ = run_all(*session);
}

std::shared_ptr<runtime::Session> QuantizeJudge::load(const runtime::ModelSource& model, const std::string& backend,
                                                      runtime::Precision precision) const {
  return runtime::load_session(model,
                               {.backend = backend, .device = "cpu", .precision = precision, .shape = base_.shape(1)});
}

QuantizeJudge::Outputs QuantizeJudge::run(runtime::Session& session, std::size_t picture) const {
  if (stop_) throw Error(ErrorCode::interrupted, "stopped; nothing was saved");
  return session.run({&base_.inputs[picture], 1}, base_.wanted);
}

std::vector<QuantizeJudge::Outputs> QuantizeJudge::run_all(runtime::Session& session) const {
  std::vector<Outputs> all;
  for (std::size_t i = 0; i < base_.inputs.size(); ++i) all.push_back(run(session, i));
  return all;
}

double QuantizeJudge::difference_from_reference(const std::vector<Outputs>& outputs) const {
  const bool by_error = tasks::comparison_of(base_.model.card).loss_is_error;
  double sum = 0.0;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const tasks::Agreement agrees = tasks::agreement(base_.model.card, reference_[i], outputs[i]);
    if (!agrees.difference.finite) return 1.0;
    sum += by_error ? agrees.difference.mean : 1.0 - agrees.score;
  }
  return sum / static_cast<double>(outputs.size());
}

double QuantizeJudge::true_iou(const std::vector<Outputs>& outputs) const {
  const auto truth = tasks::comparison_of(base_.model.card).truth;
  double sum = 0.0;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    sum += truth(base_.model.card, outputs[i].front(), truth_.photos[i], truth_.masks[i]);
  }
  return sum / static_cast<double>(outputs.size());
}

VariantLoss QuantizeJudge::loss(const std::filesystem::path& variant) const {
  const models::ModelData data = models::ModelData::map(variant);
  const double base_iou = truth_.masks.empty() ? 0.0 : true_iou(reference_);
  VariantLoss worst{.loss = -1.0};
  for (const std::string& backend : backends_) {
    const auto session = load(source(variant, data), backend, runtime::Precision::int8);
    const std::vector<Outputs> outputs = run_all(*session);
    VariantLoss here;
    if (truth_.masks.empty()) {
      here.loss = difference_from_reference(outputs);
    } else {
      here.truth = {base_iou, true_iou(outputs)};
      here.loss = here.truth[0] - here.truth[1];
    }
    if (here.loss > worst.loss) worst = std::move(here);
  }
  return worst;
}

std::vector<models::VariantSpec::Speed> QuantizeJudge::speeds(const std::filesystem::path& variant,
                                                              double seconds) const {
  const models::ModelData data = models::ModelData::map(variant);
  std::vector<models::VariantSpec::Speed> speeds;
  for (const std::string& backend : backends_) {
    const std::shared_ptr<runtime::Session> sessions[] = {
        load(base_.source(), backend, runtime::Precision::fp32),
        load(source(variant, data), backend, runtime::Precision::int8)};
    for (const auto& session : sessions) throughput(*session, base_, 1, 0.0, stop_);  // the first runs are slower
    std::vector<double> measured[2];
    for (int round = 0; round < kRounds && !stop_; ++round) {
      for (int i = 0; i < 2; ++i) measured[i].push_back(throughput(*sessions[i], base_, 1, seconds / kRounds, stop_));
    }
    if (stop_) throw Error(ErrorCode::interrupted, "stopped; nothing was saved");
    speeds.push_back({backend, statistics(measured[0]).median, statistics(measured[1]).median});
  }
  return speeds;
}

std::string QuantizeJudge::metric() const {
  if (!truth_.masks.empty()) return "IoU with the true masks, lost";
  return std::string(tasks::comparison_of(base_.model.card).loss);
}

}  // namespace pixmill::measure
