// Where a RowWriter's rows go.
#pragma once

#include <memory>

#include "codecs/output_file.h"
#include "pixmill/codecs/codec.h"
#include "pixmill/codecs/rows.h"

namespace pixmill::codecs {

// An encoder that takes rows. Its file must outlive it. Not synchronised.
class RowSink {
 public:
  virtual ~RowSink() = default;            // stops; the file is incomplete unless finish() returned
  virtual void write(ImageView rows) = 0;  // the next rows, in the stored type; throws Error
  virtual void finish() = 0;               // after the last row: all bytes are in the file; throws Error
};

// `spec`: of the stored type. Metadata is taken from `options` during the call.
std::unique_ptr<RowSink> make_vips_sink(OutputFile& file, const EncodeOptions& options, const RowSpec& spec);
std::unique_ptr<RowSink> make_png_sink(OutputFile& file, const EncodeOptions& options, const RowSpec& spec);
std::unique_ptr<RowSink> make_bmp_sink(OutputFile& file, const EncodeOptions& options, const RowSpec& spec);

}  // namespace pixmill::codecs
