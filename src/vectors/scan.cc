#include "vectors/scan.h"

#include <faiss/IndexIVFFlat.h>
#include <faiss/impl/FaissException.h>
#include <faiss/invlists/InvertedLists.h>
#include <faiss/utils/Heap.h>

#include <algorithm>
#include <array>
#include <new>

#include "pixmill/core/error.h"
#include "pixmill/core/half_rows.h"

namespace pixmill::vectors {
namespace {

// The lists as FAISS sees them: parts of one matrix, whose row numbers are the ids.
class Parts final : public faiss::ReadOnlyInvertedLists {
 public:
  Parts(HalfMatrix rows, std::span<const std::uint64_t> begins)
      : ReadOnlyInvertedLists(begins.size() - 1, rows.columns * sizeof(std::uint16_t)), rows_(rows), begins_(begins) {}

  std::size_t list_size(std::size_t list) const override { return begins_[list + 1] - begins_[list]; }
  const std::uint8_t* get_codes(std::size_t list) const override {
    return reinterpret_cast<const std::uint8_t*>(rows_.values.data() + begins_[list] * rows_.columns);
  }
  const idx_t* get_ids(std::size_t) const override { return nullptr; }  // PartScanner knows them
  std::uint64_t begin(std::size_t list) const { return begins_[list]; }

 private:
  HalfMatrix rows_;
  std::span<const std::uint64_t> begins_;
};

class PartScanner final : public faiss::InvertedListScanner {
 public:
  PartScanner(const Parts& parts, std::size_t columns) : parts_(parts), columns_(columns) {
    keep_max = true;
    code_size = columns * sizeof(std::uint16_t);
  }

  void set_query(const float* query) override { query_ = {query, columns_}; }
  void set_list(idx_t list, float) override {
    list_no = list;
    first_ = static_cast<idx_t>(parts_.begin(static_cast<std::size_t>(list)));
  }
  float distance_to_code(const std::uint8_t* code) const override {
    float product = 0;
    dot_products(query_, reinterpret_cast<const std::uint16_t*>(code), {&product, 1});
    return product;
  }

  std::size_t scan_codes(std::size_t count, const std::uint8_t* codes, const idx_t*, float* similarities, idx_t* rows,
                         std::size_t top) const override {
    std::array<float, 256> products;
    const auto* values = reinterpret_cast<const std::uint16_t*>(codes);
    std::size_t changes = 0;
    for (std::size_t start = 0; start < count; start += products.size()) {
      const std::size_t some = std::min(products.size(), count - start);
      dot_products(query_, values + start * columns_, std::span(products).first(some));
      for (std::size_t i = 0; i < some; ++i) {
        if (!(products[i] > similarities[0])) continue;  // so is NaN
        faiss::minheap_replace_top(top, similarities, rows, products[i], first_ + static_cast<idx_t>(start + i));
        ++changes;
      }
    }
    return changes;
  }

 private:
  const Parts& parts_;
  const std::size_t columns_;
  std::span<const float> query_;
  idx_t first_ = 0;
};

class PartIndex final : public faiss::IndexIVFFlat {
 public:
  PartIndex(Parts& parts, std::size_t columns) : parts_(parts) {
    d = static_cast<int>(columns);
    metric_type = faiss::METRIC_INNER_PRODUCT;
    nlist = parts.nlist;
    code_size = parts.code_size;
    invlists = &parts;
    own_invlists = false;
  }

  faiss::InvertedListScanner* get_InvertedListScanner(bool, const faiss::IDSelector*) const override {
    return new PartScanner(parts_, static_cast<std::size_t>(d));
  }

 private:
  const Parts& parts_;
};

}  // namespace

void guarded(const std::function<void()>& work) {
  try {
    work();
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::out_of_memory, "there is not enough memory for these vectors", "close other programs");
  } catch (const faiss::FaissException& error) {
    throw Error(ErrorCode::internal, "FAISS: " + error.msg, "please report this");
  }
}

std::vector<Neighbours> neighbours_of(std::span<const std::int64_t> rows, std::span<const float> similarities,
                                      std::size_t top) {
  std::vector<Neighbours> all(top == 0 ? 0 : rows.size() / top);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] >= 0) all[i / top].push_back({static_cast<std::size_t>(rows[i]), similarities[i]});
  }
  for (Neighbours& one : all) one = merged(one, {}, top);
  return all;
}

std::vector<Neighbours> scan(HalfMatrix rows, std::span<const std::uint64_t> begins, Matrix queries,
                             std::span<const std::int64_t> wanted, std::size_t probes, std::size_t top) {
  constexpr int kOverLists = 1, kOverQueries = 3;  // faiss::IndexIVF::parallel_mode
  std::vector<std::int64_t> found(queries.rows() * top);
  std::vector<float> similarities(found.size());
  const std::vector<float> unused(wanted.size());
  guarded([&] {
    Parts parts(rows, begins);
    PartIndex index(parts, rows.columns);
    index.nprobe = probes;
    index.parallel_mode = queries.rows() == 1 ? kOverLists : kOverQueries;
    index.search_preassigned(static_cast<std::int64_t>(queries.rows()), queries.values.data(),
                             static_cast<std::int64_t>(top), wanted.data(), unused.data(), similarities.data(),
                             found.data(), false);
  });
  return neighbours_of(found, similarities, top);
}

}  // namespace pixmill::vectors
