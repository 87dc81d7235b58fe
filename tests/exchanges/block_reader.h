// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "exchanges/document.h"
#include "exchanges/lines.h"
#include <optional>

namespace weir::exchanges {

/// Reads the blocks of a document, each as what its step makes of it, and remembers the first thing that is
/// wrong. After that what it returns is of no use.
class BlockReader
{
public:
    void blame(int line, QByteArray what);
    const std::optional<Problem> &problem() const { return m_problem; }

    /// A name that texts may use from now on.
    void know(QByteArray name) { m_names.push_back(std::move(name)); }
    void checkNames(const Text &text, int line);
    Text text(const Line &line);

    Sending request(const Line &step, const Block &block);
    Sending answer(const Line &step, const Block &block);
    Sending raw(const Block &block);
    Sending trailers(const Block &block);
    Sending moreToSend(const Block &block);

    Expectation expectedRequest(const Line &step, const Block &block);
    Expectation expectedReply(const Line &step, const Block &block);
    Expectation moreToGet(const Block &block);

private:
    /// A block as a message: what is above the first empty line, what is below, and how it ends.
    struct Parts
    {
        Block head;
        Block body;
        bool isSplit = false; ///< by an empty line
        Ending ending = Ending::Whole;
        int endingLine = 0;
    };

    Parts takeEnding(Block block);
    Parts split(const Block &block);
    Sending sending(const Parts &parts);
    Text fieldLine(const Line &line);
    std::vector<Text> pieces(const Block &body);
    Statement statement(const Line &line);
    Expectation expectation(const Parts &parts, std::size_t firstStatement);
    void checkBody(const Expectation &read, const Parts &parts);

    std::optional<Problem> m_problem;
    std::vector<QByteArray> m_names;
};

} // namespace weir::exchanges
