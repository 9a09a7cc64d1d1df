// The loss and speed of a variant, measured with the sessions that a job would use.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "pixmill/core/image.h"
#include "pixmill/measure/subject.h"
#include "pixmill/models/model_card.h"
#include "pixmill/runtime/session.h"

namespace pixmill::measure {

// Masks, and the sizes of the photos that they belong to; as many as the subject has inputs, or none.
struct TrueMasks {
  std::vector<Image> masks = {};
  std::vector<Size> photos = {};
};

struct VariantLoss {
  double loss = 0.0;               // in the backend that loses more
  std::vector<double> truth = {};  // IoU with true masks, of the model and of the variant; empty without masks
};

class QuantizeJudge {
 public:
  // Borrows `base`, whose inputs are the pictures to judge by. Runs them through the model in fp32.
  QuantizeJudge(const Subject& base, TrueMasks truth, const std::atomic<bool>& stop);

  // Of the model in the file, in every backend that jobs may take. Throws Error: interrupted, and as sessions do.
  VariantLoss loss(const std::filesystem::path& variant) const;

  // The model's and the variant's, in turns; each for so many seconds.
  std::vector<models::VariantSpec::Speed> speeds(const std::filesystem::path& variant, double seconds) const;

  // What loss() counts, in words.
  std::string metric() const;

 private:
  using Outputs = std::vector<Tensor>;

  std::shared_ptr<runtime::Session> load(const runtime::ModelSource& model, const std::string& backend,
                                         runtime::Precision precision) const;
  Outputs run(runtime::Session& session, std::size_t picture) const;
  double difference_from_reference(const std::vector<Outputs>& outputs) const;
  double true_iou(const std::vector<Outputs>& outputs) const;
  std::vector<Outputs> run_all(runtime::Session& session) const;

  const Subject& base_;
  TrueMasks truth_;
  const std::atomic<bool>& stop_;
  std::vector<std::string> backends_;
  std::vector<Outputs> reference_;  // per picture
};

}  // namespace pixmill::measure
