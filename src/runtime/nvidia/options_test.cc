#include "runtime/nvidia/options.h"

#include <gtest/gtest.h>

#include "pixmill/runtime/nvidia.h"

namespace pixmill::runtime {
namespace {

constexpr std::size_t kGiB = std::size_t{1} << 30;

TEST(CudaOptions, OfACardWith16GiB) {
  const ProviderOptions options = cuda_options(1, 16 * kGiB);
  EXPECT_EQ(options.at("device_id"), "1");
  EXPECT_EQ(options.at("arena_extend_strategy"), "kSameAsRequested");
  EXPECT_EQ(options.at("cudnn_conv_algo_search"), "HEURISTIC");
  EXPECT_EQ(options.at("cudnn_conv_use_max_workspace"), "1");
  EXPECT_EQ(options.at("cudnn_conv1d_pad_to_nc1d"), "1");
  EXPECT_EQ(options.at("do_copy_in_default_stream"), "1");
  EXPECT_EQ(options.at("gpu_mem_limit"), std::to_string(14 * kGiB));
}

TEST(CudaOptions, TheLimitFollowsTheCard) {
  EXPECT_FALSE(cuda_options(0, 0).contains("gpu_mem_limit"));
  EXPECT_EQ(cuda_options(0, kGiB).at("gpu_mem_limit"), std::to_string(kGiB / 2));
  EXPECT_EQ(cuda_options(0, 4 * kGiB).at("gpu_mem_limit"), std::to_string(3 * kGiB));
  EXPECT_EQ(cuda_options(0, 80 * kGiB).at("gpu_mem_limit"), std::to_string(70 * kGiB));
}

TEST(TensorRtOptions, PrecisionWorkspaceAndCache) {
  TensorRtRequest request = {.index = 0, .fp16 = true, .card_bytes = 16 * kGiB};
  ProviderOptions options = tensorrt_options(request);
  EXPECT_EQ(options.at("trt_fp16_enable"), "1");
  EXPECT_EQ(options.at("trt_int8_enable"), "0");
  EXPECT_EQ(options.at("trt_max_workspace_size"), std::to_string(4 * kGiB));
  EXPECT_FALSE(options.contains("trt_engine_cache_enable"));
  EXPECT_FALSE(options.contains("trt_profile_min_shapes"));

  request.fp16 = false;
  request.cache_folder = "/cache";
  request.engine = "abc";
  options = tensorrt_options(request);
  EXPECT_EQ(options.at("trt_fp16_enable"), "0");
  EXPECT_EQ(options.at("trt_engine_cache_enable"), "1");
  EXPECT_EQ(options.at("trt_engine_cache_path"), "/cache");
  EXPECT_EQ(options.at("trt_engine_cache_prefix"), "abc");
  EXPECT_EQ(options.at("trt_timing_cache_enable"), "1");
}

TEST(TensorRtOptions, OneEngineForEveryBatchUpToTheUsualOne) {
  const ProviderOptions options = tensorrt_options({.input = "x", .shape = {8, 3, 320, 320}});
  EXPECT_EQ(options.at("trt_profile_min_shapes"), "x:1x3x320x320");
  EXPECT_EQ(options.at("trt_profile_opt_shapes"), "x:8x3x320x320");
  EXPECT_EQ(options.at("trt_profile_max_shapes"), "x:8x3x320x320");
}

TEST(ProviderOptions, TheUsersOwnGoFirst) {
  const ProviderOptions options = overlaid({{"a", "1"}, {"b", "2"}}, {{"b", "3"}, {"c", "4"}});
  EXPECT_EQ(options, (ProviderOptions{{"a", "1"}, {"b", "3"}, {"c", "4"}}));
  EXPECT_EQ(tensorrt_part({{"trt_a", "1"}, {"b", "2"}}, true), (ProviderOptions{{"trt_a", "1"}}));
  EXPECT_EQ(tensorrt_part({{"trt_a", "1"}, {"b", "2"}}, false), (ProviderOptions{{"b", "2"}}));
}

TEST(ProviderOptions, AreReadBackFromText) {
  EXPECT_EQ(options_from("a=1;path=/x=y;empty=;"), (ProviderOptions{{"a", "1"}, {"path", "/x=y"}, {"empty", ""}}));
  EXPECT_TRUE(options_from("").empty());
}

TEST(Nvidia, CardsAlikeAreCounted) {
  const Gpu card = {0, "NVIDIA H200", 150'000'000'000, "9.0", "580.65"};
  EXPECT_EQ(title_of({card}), "NVIDIA H200, 140 GiB, compute capability 9.0, driver 580.65");
  EXPECT_EQ(title_of({card, card}), "2 x NVIDIA H200, 140 GiB, compute capability 9.0, driver 580.65");
  const Gpu other = {2, "NVIDIA T4", 16 * kGiB, "7.5", "580.65"};
  EXPECT_EQ(title_of({card, other}),
            "NVIDIA H200, 140 GiB, compute capability 9.0; NVIDIA T4, 16 GiB, compute capability 7.5, driver 580.65");
  EXPECT_EQ(title_of({}), "");
}

}  // namespace
}  // namespace pixmill::runtime
