// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/json.h"
#include <cmath>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace weir::report {

namespace {

using base::Errc;

QString text(const std::string &value)
{
    return QString::fromStdString(value);
}

QLatin1String wordOf(Better better)
{
    switch (better) {
    case Better::Lower:
        return QLatin1String("lower");
    case Better::Higher:
        return QLatin1String("higher");
    case Better::Neither:
        break;
    }
    return QLatin1String("neither");
}

QJsonArray pairs(const std::vector<std::pair<std::string, std::string>> &list)
{
    QJsonArray array;
    for (const auto &[name, value] : list)
        array.append(QJsonArray{text(name), text(value)});
    return array;
}

QJsonObject object(const Figure &figure)
{
    QJsonArray runs;
    for (const double run : figure.runs) {
        if (std::isfinite(run))
            runs.append(run);
    }
    const bool isKnown = figure.value && std::isfinite(*figure.value);
    return {{QStringLiteral("name"), text(figure.name)},
            {QStringLiteral("unit"), text(figure.unit)},
            {QStringLiteral("better"), wordOf(figure.better)},
            {QStringLiteral("value"), isKnown ? QJsonValue(*figure.value) : QJsonValue()},
            {QStringLiteral("runs"), runs}};
}

QJsonObject object(const Distribution &distribution)
{
    QJsonArray buckets;
    for (const Bucket &bucket : distribution.buckets)
        buckets.append(QJsonArray{qint64(bucket.upToNs), qint64(bucket.count)});
    return {{QStringLiteral("name"), text(distribution.name)}, {QStringLiteral("buckets"), buckets}};
}

QJsonObject object(const Series &series)
{
    QJsonArray points;
    for (const auto &[seconds, value] : series.points) {
        if (std::isfinite(seconds) && std::isfinite(value))
            points.append(QJsonArray{seconds, value});
    }
    return {{QStringLiteral("name"), text(series.name)},
            {QStringLiteral("unit"), text(series.unit)},
            {QStringLiteral("points"), points}};
}

QJsonObject object(const ArmResult &arm);
QJsonObject object(const Section &section);

template<typename T>
QJsonArray objects(const std::vector<T> &list)
{
    QJsonArray array;
    for (const T &element : list)
        array.append(object(element));
    return array;
}

QJsonObject object(const ArmResult &arm)
{
    return {{QStringLiteral("arm"), text(arm.arm)},
            {QStringLiteral("failures"), qint64(arm.failures)},
            {QStringLiteral("broken"), text(arm.broken)},
            {QStringLiteral("figures"), objects(arm.figures)},
            {QStringLiteral("distributions"), objects(arm.distributions)},
            {QStringLiteral("series"), objects(arm.series)}};
}

QJsonObject object(const Section &section)
{
    QJsonArray notes;
    for (const std::string &note : section.notes)
        notes.append(text(note));
    return {{QStringLiteral("kind"), text(section.kind)},
            {QStringLiteral("title"), text(section.title)},
            {QStringLiteral("parameters"), pairs(section.parameters)},
            {QStringLiteral("arms"), objects(section.arms)},
            {QStringLiteral("notes"), notes}};
}

/// Reads fields of one object and remembers, for all of them, the first that is not as it should be. The
/// place of a field is told as in "sections[2].arms[0].failures".
class Fields
{
public:
    Fields(const QJsonValue &value, QString place, QString &trouble)
        : m_object(value.toObject()), m_place(std::move(place)), m_trouble(trouble)
    {
        if (!value.isObject())
            blame(m_place, "an object");
    }

    std::string string(const char *name)
    {
        const QJsonValue value = field(name);
        if (!value.isString())
            blame(placeOf(name), "a string");
        return value.toString().toStdString();
    }
    bool boolean(const char *name)
    {
        const QJsonValue value = field(name);
        if (!value.isBool())
            blame(placeOf(name), "true or false");
        return value.toBool();
    }
    /// Not negative.
    std::int64_t whole(const char *name) { return whole(field(name), placeOf(name)); }
    std::optional<double> numberOrNull(const char *name)
    {
        const QJsonValue value = field(name);
        if (value.isNull())
            return std::nullopt;
        return number(value, placeOf(name));
    }
    Fields inner(const char *name) { return {field(name), placeOf(name), m_trouble}; }

    /// Calls `each` with a value and its place for all elements of the array.
    template<typename Each>
    void forEach(const char *name, const Each &each)
    {
        const QString place = placeOf(name);
        const QJsonValue value = field(name);
        if (!value.isArray())
            blame(place, "an array");
        const QJsonArray array = value.toArray();
        for (qsizetype index = 0; index < array.size() && m_trouble.isEmpty(); ++index)
            each(array.at(index), QStringLiteral("%1[%2]").arg(place).arg(index));
    }
    template<typename Each>
    void forEachObject(const char *name, const Each &each)
    {
        forEach(name, [&](const QJsonValue &value, const QString &place) {
            each(Fields(value, place, m_trouble));
        });
    }
    /// As forEach, for arrays of two elements.
    template<typename Each>
    void forEachPair(const char *name, const Each &each)
    {
        forEach(name, [&](const QJsonValue &value, const QString &place) {
            const QJsonArray pair = value.toArray();
            if (pair.size() != 2)
                blame(place, "an array of two");
            else
                each(pair.at(0), pair.at(1), place);
        });
    }

    double number(const QJsonValue &value, const QString &place)
    {
        if (!value.isDouble())
            blame(place, "a number");
        return value.toDouble();
    }
    std::int64_t whole(const QJsonValue &value, const QString &place)
    {
        const qint64 number = value.toInteger(-1);
        if (number < 0)
            blame(place, "a whole number that is not negative");
        return number;
    }
    std::string string(const QJsonValue &value, const QString &place)
    {
        if (!value.isString())
            blame(place, "a string");
        return value.toString().toStdString();
    }
    void blame(const QString &place, const char *expected)
    {
        if (m_trouble.isEmpty())
            m_trouble = QStringLiteral("\"%1\" is not %2").arg(place, QString::fromUtf8(expected));
    }
    QString placeOf(const char *name) const
    {
        return m_place.isEmpty() ? QString::fromUtf8(name) : m_place + u'.' + QString::fromUtf8(name);
    }

private:
    QJsonValue field(const char *name) const { return m_object.value(QLatin1String(name)); }

    const QJsonObject m_object;
    const QString m_place;
    QString &m_trouble;
};

Better readBetter(Fields &fields)
{
    const std::string word = fields.string("better");
    for (const Better better : {Better::Lower, Better::Higher, Better::Neither}) {
        if (word == wordOf(better).latin1())
            return better;
    }
    fields.blame(fields.placeOf("better"), R"("lower", "higher" or "neither")");
    return Better::Neither;
}

std::vector<std::pair<std::string, std::string>> readPairs(Fields &fields, const char *name)
{
    std::vector<std::pair<std::string, std::string>> list;
    fields.forEachPair(name, [&](const QJsonValue &first, const QJsonValue &second, const QString &place) {
        list.emplace_back(fields.string(first, place), fields.string(second, place));
    });
    return list;
}

Figure readFigure(Fields fields)
{
    Figure figure{.name = fields.string("name"),
                  .unit = fields.string("unit"),
                  .better = readBetter(fields),
                  .value = fields.numberOrNull("value"),
                  .runs = {}};
    fields.forEach("runs", [&](const QJsonValue &run, const QString &place) {
        figure.runs.push_back(fields.number(run, place));
    });
    return figure;
}

Distribution readDistribution(Fields fields)
{
    Distribution distribution{.name = fields.string("name"), .buckets = {}};
    fields.forEachPair("buckets", [&](const QJsonValue &upTo, const QJsonValue &count, const QString &place) {
        const Bucket bucket{fields.whole(upTo, place), std::uint64_t(fields.whole(count, place))};
        if (!distribution.buckets.empty() && bucket.upToNs <= distribution.buckets.back().upToNs)
            fields.blame(place, "above the bucket before it");
        distribution.buckets.push_back(bucket);
    });
    return distribution;
}

Series readSeries(Fields fields)
{
    Series series{.name = fields.string("name"), .unit = fields.string("unit"), .points = {}};
    fields.forEachPair(
        "points", [&](const QJsonValue &seconds, const QJsonValue &value, const QString &place) {
            series.points.emplace_back(fields.number(seconds, place), fields.number(value, place));
        });
    return series;
}

ArmResult readArm(Fields fields)
{
    ArmResult arm;
    arm.arm = fields.string("arm");
    arm.failures = std::uint64_t(fields.whole("failures"));
    arm.broken = fields.string("broken");
    fields.forEachObject("figures", [&](const Fields &inner) { arm.figures.push_back(readFigure(inner)); });
    fields.forEachObject("distributions",
                         [&](const Fields &inner) { arm.distributions.push_back(readDistribution(inner)); });
    fields.forEachObject("series", [&](const Fields &inner) { arm.series.push_back(readSeries(inner)); });
    return arm;
}

Section readSection(Fields fields)
{
    Section section;
    section.kind = fields.string("kind");
    section.title = fields.string("title");
    section.parameters = readPairs(fields, "parameters");
    fields.forEachObject("arms", [&](const Fields &inner) { section.arms.push_back(readArm(inner)); });
    fields.forEach("notes", [&](const QJsonValue &note, const QString &place) {
        section.notes.push_back(fields.string(note, place));
    });
    return section;
}

Report readReport(Fields fields)
{
    Report report;
    report.command = fields.string("command");
    report.date = fields.string("date");
    report.version = fields.string("version");
    report.interrupted = fields.boolean("interrupted");
    Fields build = fields.inner("build");
    report.commit = build.string("commit");
    report.buildType = build.string("type");
    report.compiler = build.string("compiler");
    Fields machine = fields.inner("machine");
    report.os = machine.string("os");
    report.kernel = machine.string("kernel");
    report.cpu = machine.string("cpu");
    report.threads = int(machine.whole("threads"));
    report.memoryBytes = machine.whole("memory_bytes");
    report.peers = readPairs(fields, "peers");
    fields.forEachObject("sections",
                         [&](const Fields &inner) { report.sections.push_back(readSection(inner)); });
    return report;
}

base::Unexpected unreadable(const QString &why)
{
    return base::unexpected(Errc::FileUnreadable, why.toStdString());
}

} // namespace

QByteArray toJson(const Report &report)
{
    const QJsonObject root{
        {QStringLiteral("schema"), SchemaVersion},
        {QStringLiteral("command"), text(report.command)},
        {QStringLiteral("date"), text(report.date)},
        {QStringLiteral("version"), text(report.version)},
        {QStringLiteral("interrupted"), report.interrupted},
        {QStringLiteral("build"), QJsonObject{{QStringLiteral("commit"), text(report.commit)},
                                              {QStringLiteral("type"), text(report.buildType)},
                                              {QStringLiteral("compiler"), text(report.compiler)}}},
        {QStringLiteral("machine"),
         QJsonObject{{QStringLiteral("os"), text(report.os)},
                     {QStringLiteral("kernel"), text(report.kernel)},
                     {QStringLiteral("cpu"), text(report.cpu)},
                     {QStringLiteral("threads"), report.threads},
                     {QStringLiteral("memory_bytes"), qint64(report.memoryBytes)}}},
        {QStringLiteral("peers"), pairs(report.peers)},
        {QStringLiteral("sections"), objects(report.sections)}};
    return QJsonDocument(root).toJson(QJsonDocument::Compact);
}

base::Result<Report> fromJson(const QByteArray &json)
{
    if (json.size() > JsonBytesMax)
        return unreadable(QStringLiteral("it is larger than %1 MB").arg(JsonBytesMax / (1024 * 1024)));
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(json, &error);
    if (error.error != QJsonParseError::NoError)
        return unreadable(
            QStringLiteral("it is no JSON (%1 at byte %2)").arg(error.errorString()).arg(error.offset));
    const QJsonValue schema = document.object().value(QLatin1String("schema"));
    if (!schema.isDouble())
        return unreadable(QStringLiteral("it is no report of weir-bench (\"schema\" is missing)"));
    if (schema.toInteger(-1) != SchemaVersion)
        return unreadable(QStringLiteral("it has schema %1, this weir-bench reads schema %2")
                              .arg(schema.toDouble())
                              .arg(SchemaVersion));
    QString trouble;
    Report report = readReport(Fields(document.object(), {}, trouble));
    if (!trouble.isEmpty())
        return unreadable(trouble);
    return report;
}

} // namespace weir::report
