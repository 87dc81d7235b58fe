// SPDX-License-Identifier: GPL-3.0-or-later
#include "exchanges/document.h"

#include "config/toml_file.h"
#include "exchanges/block_reader.h"
#include "exchanges/lines.h"
#include "exchanges/order.h"
#include "exchanges/step_words.h"
#include <algorithm>

namespace weir::exchanges {

namespace {

/// Reads the lines at the margin, in their order.
class Reader
{
public:
    explicit Reader(QByteArrayView text) : m_lines(text)
    {
        m_blocks.know("port");
        m_blocks.know("provider key");
        knowUpstream(m_document.upstreams.front());
    }

    std::variant<Document, Problem> read()
    {
        if (m_lines.problem())
            return *m_lines.problem();
        m_document.title = m_lines.title().text;
        while (const Line *line = m_lines.next()) {
            const bool isSetting = readSetting(*line);
            if (!isSetting)
                readStep(*line);
            if (m_blocks.problem())
                return *m_blocks.problem();
        }
        if (const auto problem = putInOrder(m_document, m_lines.lastNumber()))
            return *problem;
        if (const auto problem = chooseTransports(m_document, m_transportsLine))
            return *problem;
        return std::move(m_document);
    }

private:
    using ReadSetting = void (Reader::*)(const Line &value);

    /// "on: h1 h2" and the like. False if `line` is nothing of the kind.
    bool readSetting(const Line &line)
    {
        static constexpr std::array<std::pair<const char *, ReadSetting>, 4> Settings{{
            {"on", &Reader::readTransports},
            {"upstreams", &Reader::readUpstreams},
            {"key", &Reader::readKey},
            {"settings", &Reader::readSettings},
        }};
        const qsizetype colon = line.text.indexOf(':');
        const QByteArray word = line.text.left(colon);
        const auto known = std::find_if(Settings.begin(), Settings.end(),
                                        [&](const auto &each) { return word == each.first; });
        if (colon < 0 || known == Settings.end())
            return false;
        if (!m_document.steps.empty())
            m_blocks.blame(line.number, "'" + word + "' stands before the first step");
        (this->*known->second)({line.number, line.text.mid(colon + 1).trimmed()});
        return true;
    }

    void readTransports(const Line &value)
    {
        expectNoBlock();
        if (m_transportsLine != 0)
            m_blocks.blame(value.number, "'on' is there already");
        m_transportsLine = value.number;
        std::vector<Transport> &chosen = m_document.transports;
        for (const QByteArray &word : value.text.split(' ')) {
            const auto known = std::find_if(AllTransports.begin(), AllTransports.end(),
                                            [&](Transport each) { return name(each) == word; });
            if (known == AllTransports.end())
                m_blocks.blame(value.number, "'" + word + "' is no transport, only h1, h2, qnam-h1, qnam-h2");
            else if (std::find(chosen.begin(), chosen.end(), *known) != chosen.end())
                m_blocks.blame(value.number, "'" + word + "' is there twice");
            else
                chosen.push_back(*known);
        }
    }

    void readUpstreams(const Line &value)
    {
        expectNoBlock();
        static const QRegularExpression form(QStringLiteral("\\A[a-z]+\\z"));
        for (const QByteArray &word : value.text.split(' ')) {
            std::vector<QByteArray> &all = m_document.upstreams;
            if (!form.match(QString::fromLatin1(word)).hasMatch() || word == "client" || word == "nothing" ||
                std::find(all.begin(), all.end(), word) != all.end()) {
                m_blocks.blame(value.number, "'" + word +
                                                 "' cannot be the name of one more upstream: letters "
                                                 "from a to z, no name twice");
            }
            all.push_back(word);
            knowUpstream(word);
        }
    }

    void readKey(const Line &value)
    {
        expectNoBlock();
        if (!value.text.startsWith('{') || !value.text.endsWith('}'))
            m_blocks.blame(value.number,
                           "a key is written as the JSON that POST /admin/keys takes, {} at least");
        m_document.keys.push_back({value.number, value.text});
        const std::size_t count = m_document.keys.size();
        m_blocks.know(count == 1 ? QByteArray("key") : "key " + QByteArray::number(count));
    }

    void readSettings(const Line &value)
    {
        const Block &block = m_lines.block();
        if (!value.text.isEmpty() || block.empty() || m_document.settingsLine != 0) {
            m_blocks.blame(value.number, "'settings:' stands there once, with its TOML in a block below");
            return;
        }
        m_document.settingsLine = block.front().number;
        QByteArray toml;
        for (const Line &line : block)
            toml += line.text + '\n';
        for (const config::FileProblem &problem : config::readToml(toml.toStdString()).problems)
            m_blocks.blame(m_document.settingsLine + int(problem.line) - 1,
                           QByteArray::fromStdString(problem.what));
        m_document.settings = Text::readNames(toml);
        m_blocks.checkNames(m_document.settings, m_document.settingsLine);
    }

    void readStep(const Line &line)
    {
        StepWords words;
        if (const QByteArray problem = words.read(line.text, m_document.upstreams); !problem.isEmpty()) {
            m_blocks.blame(line.number, problem);
            return;
        }
        const Block &block = m_lines.block();
        Step step = words.step;
        step.line = line.number;
        step.words = line.text;
        if (words.hasBlock == block.empty())
            m_blocks.blame(line.number, words.hasBlock ? "a block is expected below, indented by four spaces"
                                                       : "no block is expected below");
        else if (words.hasBlock)
            readBlock(step, line, block);
        m_document.steps.push_back(std::move(step));
    }

    void readBlock(Step &step, const Line &line, const Block &block)
    {
        const bool isClient = step.who == TheClient;
        switch (step.act) {
        case Act::Send:
            step.sending = isClient ? m_blocks.request(line, block) : m_blocks.answer(line, block);
            break;
        case Act::SendRaw:
            step.sending = m_blocks.raw(block);
            break;
        case Act::SendMore:
            step.sending = m_blocks.moreToSend(block);
            break;
        case Act::SendTrailers:
            step.sending = m_blocks.trailers(block);
            break;
        case Act::Get:
            step.expectation =
                isClient ? m_blocks.expectedReply(line, block) : m_blocks.expectedRequest(line, block);
            break;
        case Act::GetMore:
            step.expectation = m_blocks.moreToGet(block);
            break;
        default:
            break; // these have no block
        }
    }

    void expectNoBlock()
    {
        if (!m_lines.block().empty())
            m_blocks.blame(m_lines.block().front().number, "this line belongs to no step");
    }

    void knowUpstream(const QByteArray &upstream)
    {
        m_blocks.know(upstream);
        m_blocks.know(upstream + " url");
    }

    Lines m_lines;
    BlockReader m_blocks;
    Document m_document;
    int m_transportsLine = 0; // 0 = not said
};

} // namespace

QByteArray name(Transport transport)
{
    switch (transport) {
    case Transport::H1:
        return "h1";
    case Transport::H2:
        return "h2";
    case Transport::QnamH1:
        return "qnam-h1";
    case Transport::QnamH2:
        return "qnam-h2";
    }
    return {};
}

std::variant<Document, Problem> readDocument(QByteArrayView text)
{
    return Reader(text).read();
}

} // namespace weir::exchanges
