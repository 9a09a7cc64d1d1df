// A task on one picture: plain sequential code that asks for inferences. No files, no threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pixmill/codecs/codec.h"
#include "pixmill/core/image.h"
#include "pixmill/core/tensor.h"

namespace pixmill::tasks {

// Shared, so that one tensor may be the input of many requests.
using Tensors = std::vector<std::shared_ptr<const Tensor>>;

// Whether the outputs of a graph are kept on disk for another run: where the inference costs much more than the disk;
// always, as other options will ask for the same ones again; never, as nobody will.
enum class Keep : std::uint8_t { where_it_pays, always, never };

// A model file that a task runs.
struct Graph {
  std::string role;          // "model"; of a card with several graphs: as it says there
  std::vector<int> outputs;  // that the task needs, in the order that it needs them
  // The shape of every input in a batch of one, for warm-up; -1 never occurs (a typical size stands in).
  std::vector<std::vector<std::int64_t>> typical;
  bool fixed = true;    // every request has the typical shapes; else they follow the picture
  bool tiles = false;   // pictures of any size: what they cost by their size goes into the card for the task
  bool batches = true;  // requests of the same shapes may be joined along the first dimension of all inputs
  Keep keep = Keep::where_it_pays;
};

// A file that a task makes of every picture. The first one has the picture's name, the others their suffix behind it.
struct Product {
  std::string role;                           // "picture", "mask"
  std::string suffix = {};                    // "_mask"
  std::optional<codecs::Format> format = {};  // where it is not the user's choice
};

// What a task found out about a picture. `kind`: "detections/2", with the version of the body's layout.
struct Record {
  std::string kind;
  std::vector<std::byte> body;

  bool operator==(const Record&) const = default;
};

// What one picture takes.
struct Cost {
  std::size_t bytes = 0;        // at its largest moment: decoded picture, tensors, results; not the file's bytes
  std::int64_t inferences = 1;  // about
};

// The answer to a request. Move-only; asked once.
class Pending {
 public:
  class State {
   public:
    virtual ~State() = default;
    virtual std::vector<Tensor> get() = 0;
  };
  explicit Pending(std::unique_ptr<State> state) : state_(std::move(state)) {}

  // The outputs that the graph names, first dimension 1. Waits: the task is suspended, its thread does other work
  // meanwhile, and another thread may go on with it; so nothing that belongs to a thread (a lock, a thread_local) may
  // be held across. Throws Error: what went wrong with this request.
  std::vector<Tensor> get() { return state_->get(); }

 private:
  std::unique_ptr<State> state_;
};

// A picture that comes row by row.
class RowSink {
 public:
  virtual ~RowSink() = default;
  // The next rows, from the top; width, channels and type as announced. Throws Error: what writing throws.
  virtual void write(ImageView rows) = 0;
};

// What a task may ask for while it works on one picture. One call at a time.
class Context {
 public:
  virtual ~Context() = default;

  // The size of the picture that run() was given, as it is in its file; none where it is that of the pixels.
  virtual std::optional<Size> full_size() const { return std::nullopt; }

  // The picture's path below the folder that was named; its file name where it was named itself; "" where there is
  // none.
  virtual std::string name() const { return {}; }

  // Queued at once. `graph`: index into Task::graphs(). `inputs`: in the model's order, first dimension 1.
  virtual Pending infer(int graph, Tensors inputs) = 0;

  // The same on the CPU, whatever the devices of the job are: for a request that these have no memory for.
  virtual Pending infer_on_cpu(int graph, Tensors inputs) { return infer(graph, std::move(inputs)); }

  // The picture of a product: once for each that the task announces, in any order.
  virtual void picture(std::string_view role, Image image) = 0;

  // The same, row by row: the picture may be larger than memory. The sink lives until the task ends, which must have
  // written all rows by then.
  virtual RowSink& rows(std::string_view role, Size size, int channels, PixelType type) = 0;

  virtual void record(Record record) = 0;

  // What the user should be told of this picture, when it is done.
  virtual void note(std::string_view) {}

  // Adds to a figure of the whole job, which its summary tells: "tiles".
  virtual void tally(std::string_view, std::int64_t) {}
};

// Immutable after construction, so safe to call from many threads.
class Task {
 public:
  virtual ~Task() = default;

  virtual std::string_view name() const = 0;  // "cutout"

  // All that changes a result beside the picture, the files of the model and the options: entries of the card, and the
  // version of the task's arithmetic.
  virtual std::string key() const = 0;

  // The pictures of which the task was told something by Context::name(); its results depend on these names then.
  virtual std::vector<std::string> names() const { return {}; }

  // Fields of the names of results beside those that every job has: {"scale", "4"}.
  virtual std::map<std::string, std::string> name_fields() const { return {}; }

  virtual std::vector<Graph> graphs() const = 0;      // empty where it runs no model
  virtual std::vector<Product> products() const = 0;  // empty where a task only makes records
  virtual Cost cost(Size picture) const = 0;
  virtual Size result_size(Size picture) const { return picture; }  // of the first product

  // A task that only looks at a picture and is content with a smaller one: both sides at least these, of a picture of
  // that size. run() may then get one whose codec made it smaller while it was read, where that saves time; its own
  // size says Context::full_size().
  virtual Size least(Size picture) const { return picture; }

  // `picture`: upright, sRGB, any type and channels. Throws Error: the picture fails.
  virtual void run(Image picture, Context& context) const = 0;
};

}  // namespace pixmill::tasks
