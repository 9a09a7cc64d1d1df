// The loops over half-covered pixels: a matte's detail, and the subject's colours. What is interpolated between two
// columns of a small picture (`left`, `right`) is linear along the columns of the photo between them, so one call does
// these: `count` columns, `weights` of `right`.
//
// Kernels may read and write back up to a vector past the last column; rows must lie in an AlignedBuffer.
#pragma once

#include <cstdint>

namespace pixmill {

// What the photo's detail does to the matte, pixel by pixel of the matte's grid. Interleaved in this order.
struct Detail {
  float shift;     // added to the matte
  float slope[3];  // matte per colour
  float guide[3];  // the reduced photo
  float unused;    // eight floats make whole vectors
};
constexpr int kDetail = sizeof(Detail) / sizeof(float);

constexpr int kColours = 8;  // foreground RGB, nothing, background RGB, nothing: whole vectors

constexpr float kCertain = 1.0F / 255.0F;     // this near to 0 or 1 the bilinear matte stays
constexpr float kUncertain = 11.0F / 255.0F;  // from here on the guided matte counts wholly

// Alpha between which colours are estimated.
constexpr float kClear = 0.5F / 255.0F;
constexpr float kOpaque = 1.0F - 0.5F / 255.0F;

struct EdgeKernels {
  // Adds the detail to a bilinear matte where it is uncertain. `left`, `right`: Detail.
  void (*refine)(const float* left, const float* right, const float* weights, const std::uint8_t* rgb, int count,
                 float* matte);

  // The photo's detail on top of the smooth colours `left`, `right` (kColours). What the two smooth colours do not
  // explain is given to the foreground in the measure of alpha, so that full cover gives the photo back.
  void (*recolour)(const float* left, const float* right, const float* weights, const float* alpha, int count,
                   std::uint8_t* rgb);

  // The same for 16 bits, which are shifted by what the estimate changes of their upper 8.
  void (*recolour_deep)(const float* left, const float* right, const float* weights, const float* alpha, int count,
                        std::uint16_t* rgb);
};

const EdgeKernels& edge_kernels();

extern const EdgeKernels kScalarEdgeKernels;

}  // namespace pixmill
