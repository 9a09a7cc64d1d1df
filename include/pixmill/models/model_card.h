// Model cards: where the file is, what the input is and how to decode the output.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/core/filter.h"
#include "pixmill/core/image.h"
#include "pixmill/core/tensor.h"

namespace pixmill::models {

struct ModelFile {
  std::string name;               // file name in the store
  std::string sha256;             // hex; empty where only md5 is known
  std::string md5;                // hex; detects damage, nothing more
  std::vector<std::string> also;  // sha256 of other files that serve as well (re-exports of the same weights)
  std::string url;                // where `models pull` gets it; empty: see ModelCard::how_to_get
  std::int64_t bytes = 0;         // 0: not known
};

// One file of a model that has several: what it does for the task ("encoder"), and its name in ModelCard::files.
struct GraphFile {
  std::string role;
  std::string file;

  bool operator==(const GraphFile&) const = default;
};

// A second tower of the model, whose vectors of texts can be compared with those of pictures.
struct TextSpec {
  std::string file;    // its graph, among ModelCard::files
  std::string merges;  // the pairs that byte-pair encoding joins, as CLIP has them; among ModelCard::files
  int tokens = 77;     // of its input, where the graph leaves that open
  int index = 0;       // which output of the graph

  bool operator==(const TextSpec&) const = default;
};

enum class Fit {
  stretch,           // to `size`, aspect ratio ignored
  short_side,        // keep the aspect ratio: short side to size.width, both floored to `multiple` (MODNet's rule)
  letterbox,         // keep the aspect ratio, pad on both sides
  letterbox_corner,  // the same, the picture in the upper left corner
  center_crop,       // keep the aspect ratio: short side to `short_side`, then `size` of the middle
  tile,              // the photo's own pixels, `size` of them at a time
};

enum class Color { rgb, bgr, luma };  // which channel comes first; luma: one channel, 0.299 R + 0.587 G + 0.114 B

enum class Scale {
  unit,       // value / 255
  image_max,  // value / the largest sample of the resized picture (at least 1e-6)
  symmetric,  // (value - 127.5) / 127.5
  none,       // 0..255 as they are
};

struct InputSpec {
  Size size;  // of the model's input
  Fit fit = Fit::stretch;
  int short_side = 0;  // of Fit::center_crop: pixels before the crop
  Filter filter = Filter::bilinear;
  int multiple = 1;  // width and height must be multiples of this
  Color color = Color::rgb;
  bool planar = true;  // NCHW; false: NHWC. Pictures in the output have the same layout
  Scale scale = Scale::unit;
  std::array<float, 3> mean = {0, 0, 0};  // after `scale`, in the order of the model's channels (luma: the first)
  std::array<float, 3> std = {1, 1, 1};
  int overlap = 32;         // of tiles: pixels that neighbours share, so that no seam is seen
  bool takes_size = false;  // a second input takes `size`, i64 [1, 2]: width, height
};

enum class Activation { none, sigmoid, softmax };
enum class Rescale { none, minmax };

// How a vector is made of an output [1, ...].
enum class Pool {
  none,   // all its values
  first,  // [1, tokens, values]: of the first token
  mean,   // [1, values, ...]: over all places
};

struct OutputSpec {
  std::string decoder = "matte";
  std::string tensor = {};  // a name inside of the graph: it ends there, and that is its only output; empty: as it is
  int index = 0;            // which output of the model
  int channel = 0;          // which channel of it is the foreground
  Activation activation = Activation::none;
  Rescale rescale = Rescale::none;
  int factor = 1;                         // how many times larger than its input a picture comes out
  int margin = 0;                         // input pixels on each side that the output does not cover
  std::vector<std::string> classes = {};  // names of what a detector tells apart, in its order; empty: not known
  Pool pool = Pool::none;
  int weights = -1;     // of Pool::mean: the output [1, 1, ...] that says how much each place counts; -1: all alike
  int background = -1;  // of `classes`, counted from 0: what is no thing; -1: none
};

struct RuntimeSpec {
  int batch = 0;                       // 0: as the file declares; else this and no other
  std::vector<std::string> deny;       // backends or providers that are known to fail
  std::vector<std::string> precision;  // beside fp32, measured to be good: "bf16", ...

  bool operator==(const RuntimeSpec&) const = default;
};

// A variant of another model: which one, and what was measured when it was made.
struct VariantSpec {
  // Pictures a second of bare inference, on the machine that made the variant.
  struct Speed {
    std::string backend;
    double base = 0.0, variant = 0.0;
  };

  std::string of;         // the id of the other model
  std::string of_sha256;  // of its weights
  std::string precision;  // "int8"
  std::string metric;     // what `loss` is, in words
  double loss = 0.0;
  double tolerance = 0.0;          // the largest `loss` that was accepted
  int pictures = 0;                // over which it was measured
  std::vector<double> truth = {};  // IoU with true masks: the other model's and the variant's; empty: not measured
  int layers = 0;                  // that could be in the new precision,
  int in_float = 0;                // and how many of them were left as they were
  std::vector<Speed> speed = {};
};

// What one inference of a square tile took.
struct TileCost {
  int side = 0;  // pixels of the input
  double seconds = 0.0;
  std::int64_t bytes = 0;  // of memory; 0: not known

  bool operator==(const TileCost&) const = default;
};

// Of a model that takes tiles of any size, where it runs: from a small tile up to where a larger one takes long.
struct TileCosts {
  std::vector<TileCost> measured = {};
  std::int64_t memory = 0;  // bytes that one inference may take
  int side_by_side = 1;     // inferences of one picture that run at once
};

struct ModelCard {
  std::string id;
  std::string title;
  std::string task;    // cutout | detect | segment | upscale | denoise | embed
  std::string family;  // u2net | isnet | birefnet | modnet | rmbg | starter | ...
  std::string licence;
  std::string source;      // who made it, and where it is published
  std::string how_to_get;  // for weights that no URL gives: what to do, in words
  std::vector<ModelFile> files;
  std::vector<GraphFile> graphs = {};  // empty: one, the first file; else that is the first graph's
  std::optional<TextSpec> text = {};
  InputSpec input;
  OutputSpec output;
  RuntimeSpec runtime;
  std::optional<VariantSpec> variant = {};
  // What the files of `graphs` take and give, in their order. Not written in a card: whoever opens the files fills it.
  std::vector<ModelSignature> signatures = {};
  TileCosts tile_costs = {};  // not written in a card either: whoever runs the model measures it
};

// Parses and validates. Unknown keys are refused with the nearest known one; wrong types, ranges and missing keys with
// the line. `origin` names the file in messages. Throws Error{usage}.
ModelCard parse_card(std::string_view yaml, std::string_view origin);

// The card as YAML that parse_card() reads back to the same card.
std::string to_yaml(const ModelCard& card);

// The part of a card that results depend on (task, input, output), as text.
std::string result_text(const ModelCard& card);

// The `runtime` of a card as YAML, what is at its default left out; empty when all of it is.
std::string to_yaml(const RuntimeSpec& runtime);

// `yaml`, a card, with another `runtime`; all else stays as it is written, comments too. Throws as parse_card() does.
std::string with_runtime(std::string_view yaml, std::string_view origin, const RuntimeSpec& runtime);

// A card for a file without one, from its signature and name; `why` names what was recognised.
// Empty when no known family fits.
struct Guess {
  ModelCard card;
  std::string why;
};
std::optional<Guess> guess_card(const ModelSignature& signature, std::string_view file_name);

// Why `signature` cannot serve `card` ("the model has 2 inputs, ..."), empty when it can.
std::string mismatch(const ModelCard& card, const ModelSignature& signature);

// What an id may be: lower-case letters, digits, '.', '_' and '-', first a letter or digit, at most 64. It names a
// folder.
bool is_id(std::string_view text);

}  // namespace pixmill::models
