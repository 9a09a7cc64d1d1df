#include "cli/app.h"

int main(int argc, char** argv) {
  return pixmill::cli::run({argv + 1, argv + argc});
}
