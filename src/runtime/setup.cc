#include "pixmill/runtime/setup.h"

#include <utility>

namespace pixmill::runtime {
namespace {

Setup& the_setup() {
  static Setup setup;
  return setup;
}

}  // namespace

void set_up(Setup setup) {
  the_setup() = std::move(setup);
}

const Setup& current_setup() {
  return the_setup();
}

}  // namespace pixmill::runtime
