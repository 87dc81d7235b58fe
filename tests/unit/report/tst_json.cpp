// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/files.h"
#include "report/json.h"
#include "sample_report.h"
#include <cmath>
#include <limits>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

using namespace weir::report;

namespace {

/// Every field that the format has, in the order of report.h, as one text: equal texts are equal reports.
std::string allOf(const Report &report)
{
    std::string out;
    const auto add = [&out](const auto &value) {
        if constexpr (std::is_arithmetic_v<std::decay_t<decltype(value)>>)
            out += QByteArray::number(value).toStdString() + "|";
        else
            out += value + "|";
    };
    for (const std::string &text : {report.command, report.date, report.version, report.commit,
                                    report.buildType, report.compiler, report.os, report.kernel, report.cpu})
        add(text);
    add(report.threads);
    add(qint64(report.memoryBytes));
    add(int(report.interrupted));
    const auto addPairs = [&](const auto &pairs) {
        for (const auto &[first, second] : pairs) {
            add(first);
            add(second);
        }
        out += '\n';
    };
    addPairs(report.peers);
    for (const Section &section : report.sections) {
        add(section.kind);
        add(section.title);
        addPairs(section.parameters);
        for (const std::string &note : section.notes)
            add(note);
        for (const ArmResult &arm : section.arms) {
            add(arm.arm);
            add(quint64(arm.failures));
            add(arm.broken);
            for (const Figure &figure : arm.figures) {
                add(figure.name);
                add(figure.unit);
                add(int(figure.better));
                add(figure.value ? QByteArray::number(*figure.value, 'g', 17).toStdString() : "absent");
                for (const double run : figure.runs)
                    add(run);
            }
            for (const Distribution &distribution : arm.distributions) {
                add(distribution.name);
                for (const Bucket &bucket : distribution.buckets) {
                    add(qint64(bucket.upToNs));
                    add(quint64(bucket.count));
                }
            }
            for (const Series &series : arm.series) {
                add(series.name);
                add(series.unit);
                addPairs(std::vector<std::pair<double, double>>(series.points));
            }
        }
        out += '\n';
    }
    return out;
}

/// The paths of all values in the JSON, like "sections[0].arms[1].failures".
void listPaths(const QJsonValue &value, const QString &path, QStringList &out)
{
    if (value.isObject()) {
        const QJsonObject object = value.toObject();
        for (auto field = object.begin(); field != object.end(); ++field)
            listPaths(field.value(), path.isEmpty() ? field.key() : path + u'.' + field.key(), out);
    }
    if (!path.isEmpty() && !path.endsWith(u']'))
        out += path;
    if (value.isArray()) {
        for (qsizetype index = 0; index < value.toArray().size(); ++index)
            listPaths(value.toArray().at(index), path + QStringLiteral("[%1]").arg(index), out);
    }
}

/// The value with the one at `path` taken away.
QJsonValue without(const QJsonValue &value, const QString &path)
{
    const qsizetype end = path.indexOf(QLatin1String("."), 1);
    const qsizetype bracket = path.indexOf(u'[', 1);
    if (path.startsWith(u'[')) {
        QJsonArray array = value.toArray();
        const qsizetype close = path.indexOf(u']');
        const qsizetype index = path.mid(1, close - 1).toLongLong();
        QString rest = path.mid(close + 1);
        if (rest.startsWith(u'.'))
            rest.remove(0, 1);
        array.replace(index, without(array.at(index), rest));
        return array;
    }
    QJsonObject object = value.toObject();
    const qsizetype cut = end < 0 ? bracket : bracket < 0 ? end : std::min(end, bracket);
    if (cut < 0) {
        object.remove(path);
        return object;
    }
    const QString key = path.left(cut);
    object[key] = without(object.value(key), path.mid(path.at(cut) == u'.' ? cut + 1 : cut));
    return object;
}

} // namespace

class TestJson : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void givesBackEveryField();
    void needsEveryField();
    void writesWhatIsNotFiniteAsAbsent();
    void refuses_data();
    void refuses();
    void refusesWhatIsTooLarge();
    void readsAndWritesFiles();
};

void TestJson::givesBackEveryField()
{
    const Report report = sampleReport();
    const auto read = fromJson(toJson(report));
    QVERIFY2(read, read ? "" : read.error().detail.c_str());
    QCOMPARE(allOf(*read), allOf(report));
    QCOMPARE(toJson(*read), toJson(report));
}

void TestJson::needsEveryField()
{
    const QJsonObject whole = QJsonDocument::fromJson(toJson(sampleReport())).object();
    QStringList paths;
    listPaths(whole, {}, paths);
    QVERIFY(paths.size() > 60);
    for (const QString &path : paths) {
        const QJsonObject part = without(whole, path).toObject();
        QVERIFY2(part != whole, qPrintable(path));
        const auto read = fromJson(QJsonDocument(part).toJson());
        QVERIFY2(!read, qPrintable(path));
        const QString detail = QString::fromStdString(read.error().detail);
        QVERIFY2(detail.contains(path), qPrintable(path + QStringLiteral(": ") + detail));
    }
}

void TestJson::writesWhatIsNotFiniteAsAbsent()
{
    Report report = sampleReport();
    Figure &figure = report.sections[0].arms[0].figures[0];
    figure.value = std::numeric_limits<double>::quiet_NaN();
    figure.runs = {1, std::numeric_limits<double>::infinity(), 2};
    const auto read = fromJson(toJson(report));
    QVERIFY(read);
    const Figure &back = read->sections[0].arms[0].figures[0];
    QVERIFY(!back.value);
    QCOMPARE(back.runs, (std::vector<double>{1, 2}));
}

void TestJson::refuses_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QString>("why");
    const QByteArray good = toJson(sampleReport());
    const auto changed = [&good](const char *from, const char *to) {
        QByteArray json = good;
        json.replace(from, to);
        return json == good ? QByteArray("the row changes nothing") : json;
    };
    QTest::newRow("nothing") << QByteArray() << QStringLiteral("it is no JSON");
    QTest::newRow("a cut file") << good.left(good.size() / 2) << QStringLiteral("it is no JSON");
    QTest::newRow("an array") << QByteArray("[1]") << QStringLiteral("it is no report of weir-bench");
    QTest::newRow("other JSON") << QByteArray("{\"a\":1}") << QStringLiteral("it is no report of weir-bench");
    QTest::newRow("schema 1") << changed("\"schema\":2", "\"schema\":1") << QStringLiteral("it has schema 1");
    QTest::newRow("schema 3") << changed("\"schema\":2", "\"schema\":3") << QStringLiteral("it has schema 3");
    QTest::newRow("schema 2.5") << changed("\"schema\":2", "\"schema\":2.5")
                                << QStringLiteral("it has schema 2.5");
    QTest::newRow("negative failures")
        << changed("\"failures\":3", "\"failures\":-3") << QStringLiteral("sections[0].arms[1].failures");
    QTest::newRow("a number as text")
        << changed("\"threads\":2", "\"threads\":\"2\"") << QStringLiteral("machine.threads");
    QTest::newRow("a better of another kind")
        << changed("\"lower\"", "\"faster\"") << QStringLiteral("sections[0].arms[0].figures[1].better");
    QTest::newRow("a bucket below the one before")
        << changed("[2000,3]", "[900,3]") << QStringLiteral("buckets[1]");
    QTest::newRow("a bucket without its count")
        << changed("[2000,3]", "[2000]") << QStringLiteral("buckets[1]");
    QTest::newRow("a value as text") << changed("\"value\":163", "\"value\":\"163\"")
                                     << QStringLiteral("sections[0].arms[1].figures[1].value");
    QTest::newRow("nested without end") << QByteArray(100'000, '[') << QStringLiteral("it is no JSON");
}

void TestJson::refuses()
{
    QFETCH(QByteArray, json);
    QFETCH(QString, why);
    const auto read = fromJson(json);
    QVERIFY(!read);
    QVERIFY2(QString::fromStdString(read.error().detail).contains(why), read.error().detail.c_str());
}

void TestJson::refusesWhatIsTooLarge()
{
    QByteArray json = toJson(sampleReport());
    json.append(QByteArray(JsonBytesMax - json.size(), ' '));
    QVERIFY(fromJson(json));
    json.append(' ');
    const auto read = fromJson(json);
    QVERIFY(!read);
    QCOMPARE(read.error().detail, std::string("it is larger than 64 MB"));
}

void TestJson::readsAndWritesFiles()
{
    const QTemporaryDir folder;
    const QString name = folder.filePath(QStringLiteral("a.json"));
    QVERIFY(!writeFile(name, toJson(sampleReport())));
    const auto read = readReport(name);
    QVERIFY(read);
    QCOMPARE(allOf(*read), allOf(sampleReport()));

    const auto missing = readReport(folder.filePath(QStringLiteral("b.json")));
    QVERIFY(!missing);
    QVERIFY(missing.error().detail.find("b.json: ") != std::string::npos);
    QVERIFY(!writeFile(name, "{}"));
    const auto broken = readReport(name);
    QVERIFY(!broken);
    QVERIFY(broken.error().detail.find("a.json: it is no report") != std::string::npos);
    const auto endless = readReport(QStringLiteral("/dev/zero"));
    QVERIFY(!endless);
    QVERIFY(endless.error().detail.find("larger than") != std::string::npos);

    const auto refused = writeFile(folder.filePath(QStringLiteral("no/such/folder.json")), "{}");
    QVERIFY(refused);
    QVERIFY(refused->find("cannot write") == 0);
    QVERIFY(!writeFile(QStringLiteral("/dev/null"), "{}"));
}

QTEST_GUILESS_MAIN(TestJson)
#include "tst_json.moc"
