// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include <cstdint>
#include <memory>
#include <QByteArray>
#include <string>
#include <vector>

namespace weir::simulator {

inline constexpr int DimensionsDefault = 1536;
inline constexpr int DimensionsMax = 4096;
/// Inputs of one embeddings request, as OpenAI limits them.
inline constexpr std::size_t InputsMax = 2048;

/// What the simulated provider wants to know of a request body.
struct BodyFacts
{
    std::string model; ///< "" if absent
    bool stream = false;
    bool includeUsage = false; ///< chat completions: stream_options.include_usage
    bool wantsBase64 = false;  ///< embeddings: encoding_format
    int dimensions = DimensionsDefault;
    std::vector<std::uint64_t> inputSeeds; ///< embeddings: a hash of each input
};

/// Reads JSON bodies. Keeps its buffers between calls.
class BodyReader
{
public:
    BodyReader();
    ~BodyReader();
    BodyReader(const BodyReader &) = delete;
    BodyReader &operator=(const BodyReader &) = delete;

    /// An error says what is wrong in words for the client. Of a doubled key the last one counts.
    base::Result<BodyFacts> read(const QByteArray &body);
    /// The same for an embeddings request, which must have inputs.
    base::Result<BodyFacts> readEmbeddings(const QByteArray &body);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace weir::simulator
