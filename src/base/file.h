// Whole files, read with a limit and written so that a crash leaves the old or the new content, never half.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace cohortium {

// Fails with file.missing, file.unreadable or file.too_large.
std::string read_file(const std::filesystem::path& path, std::size_t limit = std::size_t{64} << 20);

enum class FileAccess { kPublic, kOwnerOnly };
// Writes to a sibling, syncs, renames, syncs the folder. Fails with file.unwritable.
void write_file(const std::filesystem::path& path, std::string_view content, FileAccess access = FileAccess::kPublic);

}  // namespace cohortium
