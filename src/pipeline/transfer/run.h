// transfer() and undo() on a file system that tests may replace.
#pragma once

#include "pipeline/file_layer.h"
#include "pixmill/pipeline/undo.h"

namespace pixmill::pipeline {

Transferred transfer_on(FileLayer& files, const TransferSpec& spec, Catalogue& catalogue, const TransferWatch& watch,
                        const std::atomic<bool>& stop);
Undone undo_on(FileLayer& files, const UndoSpec& spec, const TransferWatch& watch, const std::atomic<bool>& stop);

}  // namespace pixmill::pipeline
