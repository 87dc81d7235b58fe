// SPDX-License-Identifier: GPL-3.0-or-later
#include "exchanges/block_reader.h"

#include <algorithm>
#include <array>
#include <utility>

namespace weir::exchanges {

namespace {

constexpr std::array<std::pair<const char *, Ending>, 3> Endings{
    {{"(more)", Ending::More}, {"(cut)", Ending::Cut}, {"(closed)", Ending::Closed}}};

const QString Name = QStringLiteral("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

QRegularExpression lineOf(const QString &pattern)
{
    return QRegularExpression(QStringLiteral("\\A(?:%1)\\z").arg(pattern),
                              QRegularExpression::DotMatchesEverythingOption);
}

QRegularExpressionMatch match(const QRegularExpression &pattern, const Line &line)
{
    return pattern.match(QString::fromLatin1(line.text));
}

bool isAboutBody(const Statement &statement)
{
    return statement.subject == "body" || statement.subject.startsWith("body.");
}

bool hasNoBody(int status)
{
    constexpr int FinalMin = 200;
    return status < FinalMin || status == 204 || status == 304;
}

} // namespace

void BlockReader::blame(int line, QByteArray what)
{
    if (!m_problem)
        m_problem = Problem{line, std::move(what)};
}

Text BlockReader::text(const Line &line)
{
    QByteArray problem;
    Text read = Text::read(line.text, problem);
    if (!problem.isEmpty())
        blame(line.number, problem);
    checkNames(read, line.number);
    return read;
}

void BlockReader::checkNames(const Text &text, int line)
{
    for (const QByteArray &used : text.namesUsed()) {
        if (std::find(m_names.begin(), m_names.end(), used) == m_names.end())
            blame(line, "there is no {" + used + "}, only {" +
                            QByteArrayList(m_names.begin(), m_names.end()).join("}, {") +
                            R"(}; a brace in text is \x7b)");
    }
}

BlockReader::Parts BlockReader::takeEnding(Block block)
{
    Parts parts;
    static const QRegularExpression mark = lineOf(QStringLiteral(R"(\([a-z]+\))"));
    if (!block.empty() && match(mark, block.back()).hasMatch()) {
        const Line last = block.back();
        const auto known = std::find_if(Endings.begin(), Endings.end(),
                                        [&](const auto &ending) { return last.text == ending.first; });
        if (known == Endings.end())
            blame(last.number, "a block ends with (more), (cut), (closed) or without such a word; in text "
                               R"(a bracket at the beginning of the last line is \x28)");
        else
            parts.ending = known->second;
        parts.endingLine = last.number;
        block.pop_back();
    }
    parts.head = std::move(block);
    return parts;
}

BlockReader::Parts BlockReader::split(const Block &block)
{
    Parts parts = takeEnding(block);
    Block all = std::exchange(parts.head, {});
    const auto empty =
        std::find_if(all.begin(), all.end(), [](const Line &line) { return line.text.isEmpty(); });
    parts.head.assign(all.begin(), empty);
    parts.isSplit = empty != all.end();
    if (parts.isSplit)
        parts.body.assign(empty + 1, all.end());
    return parts;
}

std::vector<Text> BlockReader::pieces(const Block &body)
{
    std::vector<Text> read;
    for (const Line &line : body) {
        if (line.text.isEmpty())
            blame(line.number,
                  R"(an empty line in a body stands for nothing: a line's end is written as \n)");
        read.push_back(text(line));
    }
    return read;
}

Sending BlockReader::sending(const Parts &parts)
{
    Sending read;
    if (parts.ending == Ending::Cut || parts.ending == Ending::Closed)
        blame(parts.endingLine,
              "only what is got ends so: what is sent may end with (more), and a step of its "
              "own says that the sender closes or resets");
    read.isWhole = parts.ending == Ending::Whole;
    read.body = pieces(parts.body);
    return read;
}

Text BlockReader::fieldLine(const Line &line)
{
    static const QRegularExpression field = lineOf(Name + QStringLiteral(":(?: .*)?"));
    if (!match(field, line).hasMatch())
        blame(line.number, "'Name: value' is expected; the body stands below an empty line");
    return text(line);
}

Sending BlockReader::request(const Line &step, const Block &block)
{
    const Parts parts = split(block);
    Sending read = sending(parts);
    static const QRegularExpression start = lineOf(QStringLiteral(R"(\S+ \S.* HTTP/1\.[01])"));
    if (parts.head.empty() || !match(start, parts.head.front()).hasMatch()) {
        blame(parts.head.empty() ? step.number : parts.head.front().number,
              "'METHOD TARGET HTTP/1.1' is expected; what is no request is sent raw");
        return read;
    }
    read.head.push_back(text(parts.head.front()));
    for (std::size_t at = 1; at < parts.head.size(); ++at)
        read.head.push_back(fieldLine(parts.head[at]));
    return read;
}

Sending BlockReader::answer(const Line &step, const Block &block)
{
    const Parts parts = split(block);
    Sending read = sending(parts);
    static const QRegularExpression start = lineOf(QStringLiteral("([1-5]\\d\\d)(| chunked| until close)"));
    const auto found = parts.head.empty() ? QRegularExpressionMatch() : match(start, parts.head.front());
    if (!found.hasMatch()) {
        blame(
            parts.head.empty() ? step.number : parts.head.front().number,
            "a status is expected, alone or with 'chunked' or 'until close'; what is no answer is sent raw");
        return read;
    }
    read.status = found.captured(1).toInt();
    if (found.captured(2) == QLatin1String(" chunked"))
        read.framing = Framing::Chunked;
    else if (!found.captured(2).isEmpty())
        read.framing = Framing::UntilClose;
    for (std::size_t at = 1; at < parts.head.size(); ++at)
        read.head.push_back(fieldLine(parts.head[at]));
    if (hasNoBody(read.status) && (!read.body.empty() || !read.isWhole || read.framing != Framing::ByBlock))
        blame(parts.head.front().number, "an answer with this status has no body; send one raw");
    return read;
}

Sending BlockReader::raw(const Block &block)
{
    Sending read;
    read.body = pieces(block);
    return read;
}

Sending BlockReader::trailers(const Block &block)
{
    Sending read;
    for (const Line &line : block)
        read.head.push_back(fieldLine(line));
    return read;
}

Sending BlockReader::moreToSend(const Block &block)
{
    Parts parts = takeEnding(block);
    parts.body.swap(parts.head);
    return sending(parts);
}

Statement BlockReader::statement(const Line &line)
{
    static const QRegularExpression forms = lineOf(
        QStringLiteral(
            "no (?<absent>%1)|(?<is>%1):(?: (?<value>.*))?|(?<has>%1) has (?<part>.+)|(?<matches>%1) ~ "
            "(?<pattern>.+)")
            .arg(Name));
    const auto found = match(forms, line);
    Statement read;
    read.line = line.number;
    const auto part = [&](const char *name) { return found.captured(QLatin1String(name)).toLatin1(); };
    if (!found.hasMatch()) {
        blame(line.number, "'name: value', 'name has text', 'name ~ regular expression' or 'no name' is "
                           "expected; the body stands below an empty line");
    } else if (const QByteArray absent = part("absent"); !absent.isEmpty()) {
        read.subject = absent;
        read.relation = Statement::Relation::IsAbsent;
    } else if (const QByteArray whole = part("is"); !whole.isEmpty()) {
        read.subject = whole;
        read.text = text({line.number, part("value")});
    } else if (const QByteArray holder = part("has"); !holder.isEmpty()) {
        read.subject = holder;
        read.relation = Statement::Relation::Has;
        read.text = text({line.number, part("part")});
    } else {
        read.subject = part("matches");
        read.relation = Statement::Relation::Matches;
        read.pattern = QRegularExpression(found.captured(QStringLiteral("pattern")),
                                          QRegularExpression::DotMatchesEverythingOption);
        if (!read.pattern.isValid())
            blame(line.number, "no regular expression: " + read.pattern.errorString().toUtf8());
    }
    if (!isAboutBody(read)) // a member of JSON keeps its case
        read.subject = read.subject.toLower();
    if (read.subject == "body" &&
        (read.relation == Statement::Relation::Is || read.relation == Statement::Relation::IsAbsent))
        blame(line.number,
              "the whole body stands below an empty line, and there is none if nothing is said of it");
    return read;
}

Expectation BlockReader::expectation(const Parts &parts, std::size_t firstStatement)
{
    Expectation read;
    read.ending = parts.ending;
    for (std::size_t at = firstStatement; at < parts.head.size(); ++at)
        read.statements.push_back(statement(parts.head[at]));
    if (!parts.body.empty())
        read.body = Text();
    for (const Text &piece : pieces(parts.body))
        read.body->append(piece);
    checkBody(read, parts);
    return read;
}

void BlockReader::checkBody(const Expectation &read, const Parts &parts)
{
    for (const Statement &statement : read.statements) {
        if (!isAboutBody(statement))
            continue;
        if (read.body)
            blame(statement.line, "the body stands there as a whole: nothing more can be said of it");
        if (read.ending == Ending::More)
            blame(parts.endingLine, "what is said of a body is of all of it: before (more) write its bytes");
    }
}

Expectation BlockReader::expectedRequest(const Line &step, const Block &block)
{
    const Parts parts = split(block);
    static const QRegularExpression start = lineOf(QStringLiteral(R"(\S+ \S.*)"));
    if (parts.head.empty() || !match(start, parts.head.front()).hasMatch()) {
        blame(parts.head.empty() ? step.number : parts.head.front().number, "'METHOD TARGET' is expected");
        return {};
    }
    if (parts.ending == Ending::Closed)
        blame(parts.endingLine, "who sends a request keeps its connection until the answer: it may be (cut)");
    Expectation read = expectation(parts, 1);
    read.start = text(parts.head.front());
    return read;
}

Expectation BlockReader::expectedReply(const Line &step, const Block &block)
{
    const Parts parts = split(block);
    static const QRegularExpression start = lineOf(QStringLiteral("[1-5]\\d\\d"));
    if (parts.head.empty() || !match(start, parts.head.front()).hasMatch()) {
        blame(parts.head.empty() ? step.number : parts.head.front().number, "a status is expected");
        return {};
    }
    Expectation read = expectation(parts, 1);
    read.start = text(parts.head.front());
    return read;
}

Expectation BlockReader::moreToGet(const Block &block)
{
    Parts parts = split(block);
    if (!parts.isSplit)
        parts.body.swap(parts.head);
    return expectation(parts, 0);
}

} // namespace weir::exchanges
