// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/load_course.h"
#include "commands/command.h"
#include "commands/figures.h"
#include "commands/load_profile.h"
#include "commands/request.h"
#include <algorithm>

namespace weir::bench {

namespace {

constexpr double NanosPerMicro = 1000;
/// Points of a series: enough for a chart, and long runs stay small.
constexpr double PointsMax = 240;
constexpr double PointSecondsMin = 0.5;
/// Of nothing but failures, until a target counts as dead: under stress it may well refuse for a while.
constexpr load::Patience StressPatience{10, 1000};
constexpr double MicrosPerSecond = 1e6;

/// What a subject uses, noted now and then while its load runs.
class UsageLog
{
public:
    UsageLog(subjects::Subject &subject, double everySeconds)
        : m_subject(subject), m_every(load::toNanos(everySeconds)), m_begin(load::monotonicNow())
    {
        look();
    }

    void lookIfDue()
    {
        if (load::monotonicNow() >= m_next)
            look();
    }
    void look()
    {
        const load::Nanos now = load::monotonicNow();
        m_next = now + m_every;
        const subjects::Usage usage = m_subject.usage();
        if (!m_first)
            m_first = usage;
        m_last = usage;
        if (usage.rssBytes)
            m_rss.points.emplace_back(load::toSeconds(now - m_begin), double(*usage.rssBytes));
    }

    void addTo(report::ArmResult &arm, std::uint64_t answered) const
    {
        if (!m_rss.points.empty()) {
            addFigure(arm, "rss", "bytes", report::Better::Lower, m_rss.points.back().second);
            addFigure(arm, "rss_growth", "bytes", report::Better::Lower,
                      m_rss.points.back().second - m_rss.points.front().second);
            arm.series.push_back(m_rss);
        }
        const auto cpu = cpuBetween(*m_first, m_last);
        addFigure(arm, "cpu_per_request", "us", report::Better::Lower,
                  cpu && answered > 0 ? std::optional(*cpu * MicrosPerSecond / double(answered))
                                      : std::nullopt);
    }

private:
    subjects::Subject &m_subject;
    const load::Nanos m_every;
    const load::Nanos m_begin;
    load::Nanos m_next = 0;
    std::optional<subjects::Usage> m_first;
    subjects::Usage m_last;
    report::Series m_rss{"rss", "bytes", {}};
};

/// What --profile, --rate, --users and --duration say.
struct Plan
{
    std::string profile;
    double rate = 0;
    std::size_t users = 0; ///< 0: --rate holds
    double seconds = 0;
    double pointSeconds = 0; ///< between two points of a series
    load::RateCourse course;
    double timeoutSeconds = 30;

    base::Result<load::RequestResult> run(const load::Target &target, const load::Control &control) const
    {
        if (users > 0) {
            load::ClosedLoop loop;
            loop.concurrency = users;
            loop.seconds = seconds;
            loop.timeoutSeconds = timeoutSeconds;
            loop.intervalSeconds = pointSeconds;
            loop.patience = StressPatience;
            return load::runClosedLoop(loop, target, control);
        }
        load::OpenLoop loop;
        loop.rate = course;
        loop.seconds = seconds;
        loop.timeoutSeconds = timeoutSeconds;
        loop.graceSeconds = timeoutSeconds;
        loop.intervalSeconds = pointSeconds;
        loop.connectionsMax = 1024;
        loop.patience = StressPatience;
        auto results = load::runOpenLoop(loop, std::span(&target, 1), control);
        if (!results)
            return base::Unexpected{results.error()};
        return std::move(results->front());
    }
};

void addSeries(report::ArmResult &arm, const std::vector<load::Interval> &intervals)
{
    report::Series rate{"requests_per_second", "1/s", {}};
    report::Series failures{"failures", "", {}};
    report::Series median{"p50", "us", {}};
    report::Series high{"p99", "us", {}};
    report::Series greatest{"max", "us", {}};
    double begin = 0;
    for (const load::Interval &each : intervals) {
        const double end = each.untilSeconds;
        if (end > begin)
            rate.points.emplace_back(end, double(each.ended) / (end - begin));
        failures.points.emplace_back(end, double(each.failed));
        for (const auto &[series, value] :
             {std::pair{&median, each.p50}, std::pair{&high, each.p99}, std::pair{&greatest, each.max}}) {
            if (value)
                series->points.emplace_back(end, double(*value) / NanosPerMicro);
        }
        begin = end;
    }
    for (report::Series *series : {&rate, &failures, &median, &high, &greatest}) {
        if (!series->points.empty())
            arm.series.push_back(std::move(*series));
    }
}

report::ArmResult measure(Command &command, report::Section &section, const Plan &plan,
                          subjects::Subject &subject, const RequestShape &shape)
{
    report::ArmResult arm;
    arm.arm = subject.name();
    UsageLog usage(subject, plan.pointSeconds);
    load::Control control =
        command.control(QString::fromStdString(plan.profile + ", " + arm.arm), {&subject});
    control.progress = [&usage, show = control.progress](double share) {
        show(share);
        usage.lookIfDue();
    };
    const auto result = plan.run(targetFor(subject, shape), control);
    if (!result) {
        arm.broken = brokenBy(subject, result.error().detail);
        return arm;
    }
    addFailures(section, arm, result->failures);
    arm.broken = brokenBy(subject, result->broken);
    // What led to its end may be seen in them.
    addSeries(arm, result->intervals);
    if (!arm.broken.empty())
        return arm;
    usage.look();
    addFigure(arm, "requests_per_second", "1/s", report::Better::Higher, result->perSecond());
    addPercentiles(arm, result->latency, "", "latency");
    const auto timeouts = result->failures.kinds.find("timeout");
    addFigure(arm, "timeouts", "", report::Better::Lower,
              timeouts == result->failures.kinds.end() ? 0 : double(timeouts->second));
    usage.addTo(arm, result->answered);
    section.notes.push_back(noteOf(arm.arm, result->cost));
    return arm;
}

/// Reads the options; nothing after complaining.
std::optional<Plan> readPlan(const Command &command)
{
    Plan plan;
    plan.profile = command.text("profile").toStdString();
    const auto rate = command.number("rate", 0.1, 1e6);
    const auto users = command.number("users", 0, 10'000);
    const auto seconds = command.seconds("duration", 1, 86'400);
    if (!rate || !users || !seconds)
        return std::nullopt;
    const auto course = courseOf(plan.profile, *rate, *seconds);
    if (!course) {
        command.refuse(
            QStringLiteral("--profile takes constant, ramp, spike, stress or sustained, not \"%1\".")
                .arg(command.text("profile")));
        return std::nullopt;
    }
    const bool isSteady = plan.profile == "constant" || plan.profile == "sustained";
    if (*users > 0 && (!isSteady || command.isSet("rate"))) {
        command.refuse(
            QStringLiteral("--users goes with the profiles constant and sustained and without --rate."));
        return std::nullopt;
    }
    plan.rate = *rate;
    plan.users = std::size_t(*users);
    plan.seconds = *seconds;
    plan.pointSeconds = std::max(PointSecondsMin, *seconds / PointsMax);
    plan.course = *course;
    plan.timeoutSeconds = *command.seconds("timeout", 0.1, 3600);
    return plan;
}

} // namespace

int loadCourse(const QStringList &arguments)
{
    Command command(
        "load", "Puts a course of load on Weir (and peers) and shows latency, failures and memory over time.",
        {{"profile", ProfileHelp, "NAME", "constant"},
         {"rate", "Requests per second, at intended times whatever the answers do.", "N", "500"},
         {"users", "Instead of a rate: so many callers who each wait for their answer.", "N", "0"},
         {"duration", "How long for each arm: 90, 5m, 15m, 1h.", "TIME", "60", "5"},
         {"with-direct", "Put it on the provider alone, too."}});
    if (const auto code = command.read(arguments))
        return *code;
    const auto plan = readPlan(command);
    if (!plan)
        return UsageError;
    if (const auto code = command.start())
        return *code;
    RequestShape shape;
    shape.promptBytes = std::size_t(*command.number("body", 0, 64e6));

    report::Section section;
    section.kind = "load";
    const std::string amount = plan->users > 0
                                   ? std::to_string(plan->users) + " users"
                                   : QString::number(plan->rate).toStdString() + " requests per second";
    section.title = "Load, " + plan->profile + ", " + amount;
    section.parameters = {{"profile", plan->profile},
                          {plan->users > 0 ? "users" : "rate", amount.substr(0, amount.find(' '))},
                          {"seconds", QString::number(plan->seconds).toStdString()},
                          {"body", std::to_string(shape.promptBytes)}};
    for (subjects::Subject *subject : command.subjects()) {
        if (command.isStopped() || (subject->name() == "direct" && !command.isSet("with-direct")))
            continue;
        section.arms.push_back(measure(command, section, *plan, *subject, shape));
    }
    command.report().sections.push_back(std::move(section));
    return command.finish();
}

} // namespace weir::bench
