#include "runtime/openvino/profile.h"

#include <cstdio>
#include <fstream>

namespace pixmill::runtime {
namespace {

std::string quoted(const std::string& text) {
  std::string safe = "\"";
  for (const char c : text) {
    char code[8];
    if (static_cast<unsigned char>(c) < 0x20) {
      std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned>(c));
      safe += code;
    } else {
      if (c == '"' || c == '\\') safe += '\\';
      safe += c;
    }
  }
  return safe + "\"";
}

}  // namespace

void OpenVinoProfile::add(const std::vector<ov::ProfilingInfo>& nodes) {
  const std::lock_guard lock(mutex_);
  for (const ov::ProfilingInfo& info : nodes) {
    if (info.status != ov::ProfilingInfo::Status::EXECUTED) continue;
    Node& node = nodes_[info.node_name];
    node.type = info.node_type;
    node.microseconds += info.real_time.count();
  }
}

// The words are those of ONNX Runtime's trace, so that one reader takes both.
OpenVinoProfile::~OpenVinoProfile() {
  if (!on()) return;
  std::ofstream file(prefix_ + "_openvino.json");
  const char* separator = "[";
  for (const auto& [name, node] : nodes_) {
    file << separator
         << "\n{\"cat\":\"Node\",\"ph\":\"X\",\"pid\":0,\"tid\":0,\"ts\":0,\"name\":" << quoted(name + "_kernel_time")
         << ",\"dur\":" << node.microseconds << ",\"args\":{\"op_name\":" << quoted(node.type) << "}}";
    separator = ",";
  }
  file << (nodes_.empty() ? "[]\n" : "\n]\n");
}

}  // namespace pixmill::runtime
