// What a command prints must arrive, or the command has failed.
#pragma once

namespace cohortium {

// Writes out what standard output still holds. Fails with file.unwritable: the disk is full, or the reader has gone.
void finish_output();

}  // namespace cohortium
