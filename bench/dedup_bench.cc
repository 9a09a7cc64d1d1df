// Grouping of a million pictures by their hashes, without the pictures: dedup_bench [PICTURES]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>

#include "pixmill/tasks/dedup.h"

int main(int argc, char** argv) {
  using namespace pixmill;
  const std::size_t pictures = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  std::mt19937_64 random(7);
  std::vector<tasks::Face> faces(pictures);
  for (std::size_t i = 0; i < pictures; ++i) {
    PictureHashes& hashes = faces[i].hashes;
    if (i % 5 == 4) {  // like the one before, but for a few bits
      hashes = faces[i - 1].hashes;
      for (int bit = 0; bit < 4; ++bit) {
        hashes.perceptual[0] ^= std::uint64_t{1} << (random() % 64);
        hashes.difference[0] ^= std::uint64_t{1} << (random() % 64);
      }
      continue;
    }
    for (std::size_t turn = 0; turn < PictureHashes::kTurns; ++turn) {
      hashes.perceptual[turn] = random();
      hashes.difference[turn] = random();
    }
  }
  const auto side_by_side = [](int count, const std::function<void(int)>& act) {
    std::vector<std::jthread> threads;
    for (int i = 0; i < count; ++i) threads.emplace_back([&act, i] { act(i); });
  };
  const auto start = std::chrono::steady_clock::now();
  const auto groups = tasks::groups_of_alike(faces, {}, side_by_side);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf("%zu pictures, %zu groups, %.2f s\n", pictures, groups.size(), seconds);
}
