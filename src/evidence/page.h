// evidence.html: a document as one page that loads nothing, with what the software does not cover on top.
#pragma once

#include <string>

#include "evidence/document.h"

namespace cohortium::evidence {

std::string render(const Document& document);

}  // namespace cohortium::evidence
