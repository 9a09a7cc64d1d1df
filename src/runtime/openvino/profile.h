// Times of OpenVINO's nodes, summed over the inferences of a session.
#pragma once

#include <map>
#include <mutex>
#include <openvino/openvino.hpp>
#include <string>
#include <vector>

namespace pixmill::runtime {

// Off where `prefix` is empty. Thread-safe.
class OpenVinoProfile {
 public:
  // `prefix`: how the file's path begins, see SessionOptions::profile.
  explicit OpenVinoProfile(std::string prefix) : prefix_(std::move(prefix)) {}
  ~OpenVinoProfile();  // writes the file
  OpenVinoProfile(const OpenVinoProfile&) = delete;
  OpenVinoProfile& operator=(const OpenVinoProfile&) = delete;

  bool on() const { return !prefix_.empty(); }
  void add(const std::vector<ov::ProfilingInfo>& nodes);  // of one inference

 private:
  struct Node {
    std::string type;
    std::int64_t microseconds = 0;
  };

  const std::string prefix_;
  std::mutex mutex_;  // guards all below
  std::map<std::string, Node> nodes_;
};

}  // namespace pixmill::runtime
